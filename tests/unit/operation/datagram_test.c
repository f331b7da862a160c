/* Datagrams that came together come apart. */
#include "support/test.h"

static char bytes[100];

/* The sizes of the segments, in order, as a text. */
static const char *segments_of(const sn_datagram *datagram)
{
    static char text[256];
    size_t at = 0;
    sn_buffer segment = {0};
    const char *expected = datagram->buffer.data;
    text[0] = '\0';
    while (sn_datagram_next_segment(datagram, &segment) && at < sizeof text - 24) {
        assert_ptr_equal(expected, segment.data);
        expected = (char *)segment.data + segment.size;
        at += (size_t)snprintf(text + at, sizeof text - at, "%zu ", segment.size);
    }
    return text;
}

TEST(a_datagram_comes_apart_by_its_segment_size)
{
    sn_datagram_extras extras = {.present = SN_DATAGRAM_SEGMENT_SIZE, .segment_size = 30};
    sn_datagram datagram = {
        .buffer = {bytes, sizeof bytes}, .extras = &extras, .transferred = sizeof bytes};
    assert_string_equal(segments_of(&datagram), "30 30 30 10 ");
    datagram.transferred = 90;
    assert_string_equal(segments_of(&datagram), "30 30 30 ");
    extras.segment_size = 100;
    assert_string_equal(segments_of(&datagram), "90 ");
    extras.segment_size = SIZE_MAX;
    assert_string_equal(segments_of(&datagram), "90 ");
    extras.segment_size = 1;
    datagram.transferred = 3;
    assert_string_equal(segments_of(&datagram), "1 1 1 ");
}

TEST(without_a_segment_size_it_is_one)
{
    sn_datagram_extras extras = {.segment_size = 30};
    sn_datagram datagram = {.buffer = {bytes, sizeof bytes}, .transferred = 70};
    assert_string_equal(segments_of(&datagram), "70 ");
    datagram.extras = &extras; /* which does not say it */
    assert_string_equal(segments_of(&datagram), "70 ");
    extras.present = SN_DATAGRAM_SEGMENT_SIZE;
    extras.segment_size = 0; /* nor this */
    assert_string_equal(segments_of(&datagram), "70 ");
    datagram.transferred = 0;
    assert_string_equal(segments_of(&datagram), "0 ");
}

TEST(a_record_that_is_no_datagram_s_has_none)
{
    sn_buffer segment = {0}, pieces[2] = {{bytes, 1}, {bytes, 1}};
    sn_datagram datagram = {.transferred = 5};
    assert_false(sn_datagram_next_segment(&datagram, &segment));
    datagram.buffer = (sn_buffer){bytes, 3};
    assert_string_equal(segments_of(&datagram), "3 "); /* what was cut off is not there */
    assert_false(sn_datagram_next_segment(&datagram, NULL));
    datagram.buffers = pieces;
    datagram.buffer_count = 2;
    assert_false(sn_datagram_next_segment(&datagram, &segment));
    assert_false(sn_datagram_next_segment(NULL, &segment));
    assert_null(segment.data);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_datagram_comes_apart_by_its_segment_size),
        cmocka_unit_test(without_a_segment_size_it_is_one),
        cmocka_unit_test(a_record_that_is_no_datagram_s_has_none),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
