// Five philosophers who take their forks in one order, without pauses: dinner MEALS
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEATS = 5 };

static pthread_mutex_t forks[SEATS];
static long meals, eaten[SEATS];

static void *dine(void *argument) {
    long seat = (long)argument;
    int left = seat, right = (seat + 1) % SEATS;
    int first = left < right ? left : right, second = left < right ? right : left;
    for (long meal = 0; meal < meals; meal++) {
        pthread_mutex_lock(&forks[first]);
        pthread_mutex_lock(&forks[second]);
        eaten[seat]++;
        pthread_mutex_unlock(&forks[second]);
        pthread_mutex_unlock(&forks[first]);
    }
    return NULL;
}

int main(int argc, char **argv) {
    meals = argc > 1 ? atol(argv[1]) : 1000;
    pthread_t threads[SEATS];
    for (int i = 0; i < SEATS; i++)
        pthread_mutex_init(&forks[i], NULL);
    for (long i = 0; i < SEATS; i++)
        if (pthread_create(&threads[i], NULL, dine, (void *)i))
            return 1;
    long all = 0;
    for (int i = 0; i < SEATS; i++) {
        pthread_join(threads[i], NULL);
        all += eaten[i];
    }
    printf("%ld\n", all);
}
