#include "mutate.h"

#include <string.h>

/* The input that is being changed, and where the changes come from. */
struct work {
    const struct corpus *corpus;
    uint64_t random;
    uint8_t *data;
    size_t size;
};

/* SplitMix64: every state is a good one, also those that differ in one bit. */
static uint64_t draw(struct work *work)
{
    uint64_t bits = work->random += UINT64_C(0x9E3779B97F4A7C15);
    bits = (bits ^ bits >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94D049BB133111EB);
    return bits ^ bits >> 31;
}

/* From 0 to below `limit`, which is not 0. */
static size_t below(struct work *work, size_t limit)
{
    return (size_t)(draw(work) % limit);
}

static const struct input *draw_input(struct work *work)
{
    return &work->corpus->inputs[below(work, work->corpus->count)];
}

/* --- The changes; each leaves the size within its limit -------------------------------------- */

static void insert(struct work *work, const uint8_t *bytes, size_t count)
{
    size_t at = below(work, work->size + 1);
    if (count > INPUT_SIZE_MAX - work->size)
        count = INPUT_SIZE_MAX - work->size;
    memmove(work->data + at + count, work->data + at, work->size - at);
    if (count > 0)
        memcpy(work->data + at, bytes, count);
    work->size += count;
}

static void flip_bit(struct work *work)
{
    if (work->size > 0)
        work->data[below(work, work->size)] ^= (uint8_t)(1u << below(work, 8));
}

static void set_byte(struct work *work)
{
    if (work->size > 0)
        work->data[below(work, work->size)] = (uint8_t)draw(work);
}

/* Sizes and numbers just beside what code compares with. */
static void set_number(struct work *work)
{
    static const uint64_t numbers[] = {0,     1,     2,          4,         8,          16,
                                       28,    32,    36,         107,       108,        110,
                                       127,   128,   255,        256,       0x7FFFFFFF, 0x80000000,
                                       65535, 65536, UINT32_MAX, INT64_MAX, UINT64_MAX};
    uint64_t number = numbers[below(work, sizeof numbers / sizeof *numbers)] + below(work, 3) - 1;
    size_t size = (size_t)1 << below(work, 4);
    if (size > work->size)
        return;
    size_t at = below(work, work->size - size + 1);
    for (size_t i = 0; i < size; i++)
        work->data[at + i] = (uint8_t)(number >> 8 * i);
}

/* What the texts are made of. */
static void insert_character(struct work *work)
{
    static const char characters[] = "0123456789abcdefABCDEFxX.:[]%/-+ \t\n@\0\x7F\x80\xC3\xFF";
    uint8_t byte = (uint8_t)characters[below(work, sizeof characters - 1)];
    insert(work, &byte, 1);
}

static void remove_piece(struct work *work)
{
    if (work->size == 0)
        return;
    size_t at = below(work, work->size);
    size_t count = below(work, work->size - at) / (1 + below(work, 4)) + 1;
    memmove(work->data + at, work->data + at + count, work->size - at - count);
    work->size -= count;
}

static void cut_off(struct work *work)
{
    work->size = below(work, work->size + 1);
}

/* A piece of this or another input, put anywhere. */
static void splice(struct work *work)
{
    uint8_t piece[INPUT_SIZE_MAX];
    const struct input *from = draw_input(work);
    if (from->size == 0)
        return;
    size_t at = below(work, from->size);
    size_t count = 1 + below(work, from->size - at);
    if (count > sizeof piece)
        count = sizeof piece;
    memcpy(piece, from->data + at, count);
    insert(work, piece, count);
}

static void repeat_piece(struct work *work)
{
    uint8_t piece[INPUT_SIZE_MAX];
    if (work->size == 0)
        return;
    size_t at = below(work, work->size);
    size_t count = 1 + below(work, work->size - at);
    memcpy(piece, work->data + at, count);
    insert(work, piece, count);
}

size_t mutate(const struct corpus *corpus, uint64_t seed, uint64_t number,
              uint8_t out_data[INPUT_SIZE_MAX])
{
    static void (*const changes[])(struct work *) = {
        flip_bit, set_byte, set_number,   insert_character, insert_character,
        splice,   cut_off,  remove_piece, repeat_piece,
    };
    struct work work = {.corpus = corpus, .random = seed, .data = out_data};
    work.random = draw(&work) + number;
    const struct input *from = draw_input(&work);
    work.size = from->size < INPUT_SIZE_MAX ? from->size : INPUT_SIZE_MAX;
    memcpy(out_data, from->data, work.size);
    for (size_t count = 1 + below(&work, 8); count > 0; count--)
        changes[below(&work, sizeof changes / sizeof *changes)](&work);
    return work.size;
}
