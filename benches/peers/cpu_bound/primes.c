// Counts the primes below N by trial division with odd numbers, as cpu-bound does: all cores, by OpenMP.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_prime(uint64_t n) {
    if (n < 4)
        return n >= 2;
    if (n % 2 == 0)
        return false;
    for (uint64_t d = 3; d * d <= n; d += 2)
        if (n % d == 0)
            return false;
    return true;
}

int main(int argc, char **argv) {
    uint64_t end = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;
    uint64_t count = 0;
    // Large numbers cost more: small parts, taken as threads get free.
#pragma omp parallel for schedule(dynamic, 4096) reduction(+ : count)
    for (uint64_t n = 0; n < end; n++)
        count += is_prime(n);
    printf("%" PRIu64 "\n", count);
}
