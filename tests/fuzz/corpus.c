#include "corpus.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool complain(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return false;
}

static bool read_all(FILE *file, struct input *input)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return false;
    long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0)
        return false;
    input->data = malloc((size_t)size + 1);
    input->size = (size_t)size;
    return input->data && fread(input->data, 1, input->size, file) == input->size;
}

/* Takes the name over. */
static bool add_file(struct corpus *corpus, char *name)
{
    struct input *inputs = realloc(corpus->inputs, (corpus->count + 1) * sizeof *inputs);
    if (!inputs) {
        free(name);
        return false;
    }
    corpus->inputs = inputs;
    struct input *input = &inputs[corpus->count++];
    *input = (struct input){.name = name};
    FILE *file = fopen(name, "rb");
    if (!file)
        return complain(name);
    bool is_read = read_all(file, input) || complain(name);
    fclose(file);
    return is_read;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool add_folder(struct corpus *corpus, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, alphasort);
    if (count < 0)
        return complain(path);
    bool is_read = true;
    for (int i = 0; i < count; i++) {
        size_t size = strlen(path) + strlen(entries[i]->d_name) + 2;
        char *name = malloc(size);
        if (name)
            snprintf(name, size, "%s/%s", path, entries[i]->d_name);
        if (is_read)
            is_read = name && add_file(corpus, name);
        else
            free(name);
        free(entries[i]);
    }
    free(entries);
    if (is_read && count == 0)
        fprintf(stderr, "%s: there are no inputs\n", path);
    return is_read && count > 0;
}

bool corpus_read(struct corpus *corpus, const char *path)
{
    *corpus = (struct corpus){0};
    DIR *folder = opendir(path);
    if (folder) {
        closedir(folder);
        return add_folder(corpus, path);
    }
    if (errno != ENOTDIR)
        return complain(path);
    char *name = strdup(path);
    return name && add_file(corpus, name);
}

void corpus_free(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        free(corpus->inputs[i].name);
        free(corpus->inputs[i].data);
    }
    free(corpus->inputs);
}
