/*
 * A program that is linked with the static library and has channels only, between threads: no
 * engine, and no socket. It forks while they are used, and its children use them, too.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sennit/sync.h>

enum { CHANNELS = 64, CHILDREN = 200, PATIENCE_S = 60 };

/* Large, so that the library is mostly in the middle of moving one. */
struct element {
    char bytes[4000];
};

static sn_channel *channels[CHANNELS];

static void use(sn_channel *channel)
{
    struct element element = {{0}};
    (void)!sn_channel_send(channel, &element, 0);
    (void)!sn_channel_receive(channel, &element, 0);
}

static void *use_all(void *context)
{
    (void)context;
    for (;;)
        for (int i = 0; i < CHANNELS; i++)
            use(channels[i]);
    return NULL;
}

/* @return whether the child came to its end by itself */
static int fork_one(void)
{
    int how = -1;
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(PATIENCE_S);
        for (int i = 0; i < CHANNELS; i++)
            use(channels[i]);
        _exit(0);
    }
    return child > 0 && waitpid(child, &how, 0) == child && how == 0;
}

int main(void)
{
    pthread_t thread;
    for (int i = 0; i < CHANNELS; i++)
        if (sn_channel_create(2, sizeof(struct element), &channels[i]))
            return 1;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&thread, NULL, use_all, NULL) != 0)
            return 1;
    for (int i = 0; i < CHILDREN; i++) {
        if (!fork_one()) {
            fprintf(stderr, "child %d waits for a thread of its parent\n", i);
            return 1;
        }
    }
    return 0;
}
