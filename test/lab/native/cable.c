// cable: delay between pairs of persistent TAP devices of the network namespace it runs in, for kernels without netem.
//
//   cable TAP_A TAP_B FORTH BACK [TAP_A TAP_B FORTH BACK ...]
//
// FORTH and BACK are DELAY_US or DELAY_US+GATHER_US. A frame that leaves by TAP_A comes in by TAP_B after DELAY_US
// microseconds, by FORTH; the other way round by BACK. With GATHER_US frames gather besides: the first waits a random
// time up to that, evenly spread, and what comes meanwhile goes with it, as netem's `slot 0 GATHER_US` has it. Order is
// kept. One thread, one queue per direction; a full queue (QUEUE_MAX frames) drops, as a router would. Prints "ready".
// At SIGTERM it takes no more, delivers what is under way when it is due, and ends.
// Source: Documentation/networking/tuntap.rst, timerfd_create(2), tc-netem(8).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <signal.h>
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
  int64_t delay_ns, gather_ns;
  int64_t opens_ns; // when those that gather go on
  struct frame *head, *tail;
  unsigned queued;
};

static volatile sig_atomic_t stopping;
static void stop(int signal_number) { (void)signal_number; stopping = 1; }

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

// xorshift64 (Marsaglia 2003): even enough for waiting times.
static int64_t below(int64_t limit) {
  static uint64_t x;
  if (x == 0) x = (uint64_t)now_ns() | 1;
  x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  return limit == 0 ? 0 : (int64_t)(x % (uint64_t)limit);
}

// When a frame that came now goes on. Delay is constant and a gathering never ends before an earlier one: order is kept.
static int64_t due(struct direction *d) {
  int64_t at = now_ns() + d->delay_ns;
  if (d->gather_ns == 0) return at;
  if (d->opens_ns < at) d->opens_ns = at + below(d->gather_ns);
  return d->opens_ns;
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
    f->due_ns = due(d);
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

// DELAY_US or DELAY_US+GATHER_US.
static struct direction direction(int from, int to, const char *text) {
  char *rest;
  int64_t delay = strtoll(text, &rest, 10), gather = *rest == '+' ? strtoll(rest + 1, &rest, 10) : 0;
  if (rest == text || *rest != '\0' || delay < 0 || gather < 0) {
    fprintf(stderr, "cable: no delay: %s\n", text);
    exit(2);
  }
  return (struct direction){.from = from, .to = to, .delay_ns = delay * 1000, .gather_ns = gather * 1000};
}

int main(int argc, char **argv) {
  int links = (argc - 1) / 4;
  if (links < 1 || (argc - 1) % 4 != 0) {
    fprintf(stderr, "usage: cable TAP_A TAP_B FORTH BACK [...]\n");
    return 2;
  }
  struct direction *all = calloc((size_t)links * 2, sizeof *all);
  int poll_fd = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (all == NULL || poll_fd < 0 || timer < 0) fail("setup");
  prctl(PR_SET_TIMERSLACK, 1);
  for (int i = 0; i < links; i++) {
    char **link = argv + 1 + i * 4;
    int a = open_tap(link[0]), b = open_tap(link[1]);
    all[i * 2] = direction(a, b, link[2]);
    all[i * 2 + 1] = direction(b, a, link[3]);
  }
  for (int i = 0; i < links * 2; i++) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &all[i]};
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, all[i].from, &e) < 0) fail("epoll_ctl");
  }
  struct epoll_event timer_event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &timer_event) < 0) fail("epoll_ctl");
  // The signal comes only where it ends a wait: none is missed.
  struct sigaction on_term = {.sa_handler = stop};
  sigset_t blocked, waiting;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &waiting);
  sigaction(SIGTERM, &on_term, NULL);
  puts("ready");
  fflush(stdout);
  for (int taking = 1;;) {
    struct epoll_event events[BURST];
    int n = epoll_pwait(poll_fd, events, BURST, -1, &waiting);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    if (stopping && taking) {
      for (int i = 0; i < links * 2; i++) {
        take(&all[i]);
        epoll_ctl(poll_fd, EPOLL_CTL_DEL, all[i].from, NULL);
      }
      taking = n = 0;
    }
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
    if (!taking && next == 0) return 0;
    struct itimerspec at = {.it_value = {.tv_sec = next / 1000000000LL, .tv_nsec = next % 1000000000LL}};
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) < 0) fail("timerfd_settime");
  }
}
