/* No test of the library: a target with faults that can be found, for the test of the driver. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    require(size < 3 || memcmp(data, "bug", 3) != 0);
    if (size >= 5 && memcmp(data, "leave", 5) == 0) {
        /* One byte behind the block: the address sanitizer ends the program, if it is there. */
        volatile char *exact = fuzz_exact(data, size);
        exact[size] = 'x';
        free((void *)exact);
    }
    return 0;
}
