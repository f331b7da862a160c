/* Tests of the C++ header: a named function each, and a check that ends the program where it does
 * not hold. (cmocka leaves a test with longjmp(), which must not pass over destructors, and not
 * come from another thread's coroutine.) */
#ifndef CHECK_HPP
#define CHECK_HPP

#include <cstdio>
#include <cstdlib>

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what);         \
            std::abort();                                                                          \
        }                                                                                          \
    } while (0)

#define RUN(test) (test(), std::printf("ok: %s\n", #test), std::fflush(stdout))

#endif
