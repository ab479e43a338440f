// A counter that threads share: counter STRATEGY THREADS UPDATES
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t updates, counter;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint64_t atomic_counter;

static void *with_mutex(void *own) {
    (void)own;
    for (uint64_t i = 0; i < updates; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *with_atomic(void *own) {
    (void)own;
    for (uint64_t i = 0; i < updates; i++)
        atomic_fetch_add_explicit(&atomic_counter, 1, memory_order_relaxed);
    return NULL;
}

static void *with_local(void *own) {
    uint64_t mine = 0;
    for (uint64_t i = 0; i < updates; i++) {
        mine++;
        // Or the compiler would make one addition of the loop.
        __asm__ volatile("" : "+r"(mine));
    }
    *(uint64_t *)own = mine;
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    void *(*work)(void *) = !strcmp(argv[1], "mutex")    ? with_mutex
                            : !strcmp(argv[1], "atomic") ? with_atomic
                            : !strcmp(argv[1], "local")  ? with_local
                                                         : NULL;
    int count = atoi(argv[2]);
    updates = strtoull(argv[3], NULL, 10);
    if (!work || count < 1)
        return 2;
    pthread_t *threads = calloc(count, sizeof *threads);
    uint64_t *own = calloc(count, sizeof *own);
    if (!threads || !own)
        return 1;
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, &own[i]))
            return 1;
    uint64_t all = 0;
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        all += own[i];
    }
    printf("%" PRIu64 "\n", all + counter + atomic_counter);
}
