#define _GNU_SOURCE
#include "pump.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Everything is under `lock`, but for `fd` and `wake`, which stay the same as long as the thread runs. */
struct pump {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int fd;
  uv_async_t *wake;
  int stop;
  int failure;     /* errno of a send that failed, until sent() has told it */
  unsigned first;  /* of the ring */
  unsigned posted; /* sends not done, the one under way included */
  struct send {
    uint8_t *data;
    size_t length;
  } ring[POSTED_MAX];
};

/* Lets go of all sends but the one under way. Under the lock. */
static void forget_posted(struct pump *p, unsigned under_way) {
  for (; p->posted > under_way; p->posted--) free(p->ring[(p->first + p->posted - 1) % POSTED_MAX].data);
}

static void *pump_thread(void *data) {
  struct pump *p = data;
  pthread_mutex_lock(&p->lock);
  while (!p->stop) {
    if (p->posted == 0) {
      pthread_cond_wait(&p->changed, &p->lock);
      continue;
    }
    struct send *next = &p->ring[p->first];
    struct iovec io = {next->data, next->length};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    pthread_mutex_unlock(&p->lock);
    ssize_t n = sendmsg(p->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
    int error = n < 0 ? errno : (size_t)n == io.iov_len ? 0 : EMSGSIZE;
    free(io.iov_base);
    pthread_mutex_lock(&p->lock);
    p->first = (p->first + 1) % POSTED_MAX;
    p->posted--;
    if (error != 0) { /* what was to follow may need this one */
      forget_posted(p, 0);
      p->failure = error;
      uv_async_send(p->wake);
    }
  }
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

int pump_start(struct pump **out, int fd, uv_async_t *wake) {
  struct pump *p = calloc(1, sizeof *p);
  if (p == NULL) return ENOMEM;
  p->fd = fd;
  p->wake = wake;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->changed, NULL);
  sigset_t all, before;
  sigfillset(&all); /* signals are for Node's own threads */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&p->thread, NULL, pump_thread, p);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) {
    *out = p;
    return 0;
  }
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->lock);
  free(p);
  return error;
}

int pump_post(struct pump *p, const void *data, size_t length) {
  uint8_t *copy = malloc(length);
  if (copy == NULL) return ENOMEM;
  memcpy(copy, data, length);
  pthread_mutex_lock(&p->lock);
  int full = p->posted == POSTED_MAX;
  if (!full) {
    p->ring[(p->first + p->posted++) % POSTED_MAX] = (struct send){copy, length};
    pthread_cond_signal(&p->changed);
  }
  pthread_mutex_unlock(&p->lock);
  if (full) free(copy);
  return full ? EAGAIN : 0;
}

int64_t pump_sent(struct pump *p) {
  pthread_mutex_lock(&p->lock);
  int64_t result = p->failure != 0 ? -p->failure : (int64_t)p->posted;
  p->failure = 0;
  pthread_mutex_unlock(&p->lock);
  return result;
}

void pump_stop(struct pump *p) {
  if (p == NULL) return;
  pthread_mutex_lock(&p->lock);
  p->stop = 1;
  pthread_cond_signal(&p->changed);
  pthread_mutex_unlock(&p->lock);
  pthread_join(p->thread, NULL);
  forget_posted(p, 0);
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->lock);
  free(p);
}
