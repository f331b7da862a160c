/*
 * What the tests of engines over a scripted kernel share.
 */
#ifndef TESTS_FAULT_ENGINES_H
#define TESTS_FAULT_ENGINES_H

#include "fault/kernel.h"

#include "support/test.h"

static inline sn_error create(sn_engine_backend backend, int threads, sn_engine **out_engine)
{
    sn_engine_options options = {.threads = threads, .backend = backend};
    return sn_engine_create(&options, out_engine);
}

static inline bool has_io_uring(void)
{
    sn_engine *engine = NULL;
    kernel_reset();
    bool has = create(SN_ENGINE_BACKEND_IO_URING, 0, &engine) == SN_OK;
    assert_ok(sn_engine_destroy(engine));
    return has;
}

#endif
