// cable: constant delay between pairs of persistent TAP devices of the network namespace it runs in, for kernels
// without netem.
//
//   cable TAP_A TAP_B DELAY_US [TAP_A TAP_B DELAY_US ...]
//
// A frame that leaves by TAP_A comes in by TAP_B after DELAY_US microseconds, and the other way round. Order is kept.
// One thread, one queue per direction; a full queue (QUEUE_MAX frames) drops, as a router would. Prints "ready".
// Source: Documentation/networking/tuntap.rst, timerfd_create(2).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_MAX 16384
#define FRAME_MAX 65600
#define BURST 64

struct frame {
  struct frame *next;
  int64_t due_ns;
  size_t length;
  unsigned char bytes[];
};

// One direction of one link: what came out of `from` waits here until it is due into `to`.
struct direction {
  int from, to;
  int64_t delay_ns;
  struct frame *head, *tail;
  unsigned queued;
};

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "cable: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int open_tap(const char *name) {
  struct ifreq request;
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) fail("/dev/net/tun");
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
  if (ioctl(fd, TUNSETIFF, &request) < 0) fail(name);
  return fd;
}

static void take(struct direction *d) {
  static unsigned char buffer[FRAME_MAX];
  for (int i = 0; i < BURST; i++) {
    ssize_t length = read(d->from, buffer, sizeof buffer);
    if (length <= 0) return;
    if (d->queued >= QUEUE_MAX) continue;
    struct frame *f = malloc(sizeof *f + (size_t)length);
    if (f == NULL) continue;
    f->next = NULL;
    // Read now, not when epoll said so: a frame that came in between would be early.
    f->due_ns = now_ns() + d->delay_ns;
    f->length = (size_t)length;
    memcpy(f->bytes, buffer, (size_t)length);
    if (d->tail != NULL) d->tail->next = f;
    else d->head = f;
    d->tail = f;
    d->queued++;
  }
}

// Delivers what is due; returns when the next frame is, 0 for none.
static int64_t deliver(struct direction *d, int64_t now) {
  while (d->head != NULL && d->head->due_ns <= now) {
    struct frame *f = d->head;
    // A device that is down refuses (EIO): the frame is lost, as on a pulled cable.
    if (write(d->to, f->bytes, f->length) < 0 && errno != EIO && errno != EAGAIN) fail("write");
    d->head = f->next;
    if (d->head == NULL) d->tail = NULL;
    d->queued--;
    free(f);
  }
  return d->head == NULL ? 0 : d->head->due_ns;
}

int main(int argc, char **argv) {
  int links = (argc - 1) / 3;
  if (links < 1 || (argc - 1) % 3 != 0) {
    fprintf(stderr, "usage: cable TAP_A TAP_B DELAY_US [...]\n");
    return 2;
  }
  struct direction *all = calloc((size_t)links * 2, sizeof *all);
  int poll_fd = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (all == NULL || poll_fd < 0 || timer < 0) fail("setup");
  prctl(PR_SET_TIMERSLACK, 1);
  for (int i = 0; i < links; i++) {
    char **link = argv + 1 + i * 3;
    int a = open_tap(link[0]), b = open_tap(link[1]);
    int64_t delay = atoll(link[2]) * 1000;
    all[i * 2] = (struct direction){.from = a, .to = b, .delay_ns = delay};
    all[i * 2 + 1] = (struct direction){.from = b, .to = a, .delay_ns = delay};
  }
  for (int i = 0; i < links * 2; i++) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &all[i]};
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, all[i].from, &e) < 0) fail("epoll_ctl");
  }
  struct epoll_event timer_event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &timer_event) < 0) fail("epoll_ctl");
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[BURST];
    int n = epoll_wait(poll_fd, events, BURST, -1);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      uint64_t expired;
      if (events[i].data.ptr != NULL) take(events[i].data.ptr);
      else if (read(timer, &expired, sizeof expired) < 0 && errno != EAGAIN) fail("timer");
    }
    int64_t now = now_ns(), next = 0;
    for (int i = 0; i < links * 2; i++) {
      int64_t due = deliver(&all[i], now);
      if (due != 0 && (next == 0 || due < next)) next = due;
    }
    struct itimerspec at = {.it_value = {.tv_sec = next / 1000000000LL, .tv_nsec = next % 1000000000LL}};
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) < 0) fail("timerfd_settime");
  }
}
