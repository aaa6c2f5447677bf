#define _GNU_SOURCE
#include "beat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

/* Layout of one line of beats(); agent/native/load.ts has the same numbers. */
enum { BEAT_WORDS = 4, BEAT_ADDRESS = 28, BEAT_TARGETS_MAX = 4096 };
/* Sends that are remembered; while so many were not asked for, none is made. */
enum { BEAT_RING = 1024 };
/* Sends of ticks that are made up for. */
enum { BEAT_BURST = 32 };
/* Where an echo has its sequence number (RFC 4443 section 4.1). */
enum { SEQUENCE_AT = 6 };

struct beat {
  uv_timer_t timer;
  uv_loop_t *loop;
  napi_async_cleanup_hook_handle hook;
  struct sock *sock; /* NULL once closing */
  uint8_t *message, *addresses, *control; /* one allocation, `message` its beginning */
  size_t message_length, control_length;
  unsigned targets;
  unsigned ticks;             /* in which each target has its turn once */
  uint64_t start_ns, tick_ns; /* tick n is due at start + n * tick */
  uint64_t tick;              /* the next one */
  uint16_t sequence;          /* of the newest send */
  unsigned first, count;      /* of the ring */
  struct line {
    uint64_t at_ns;
    int32_t target, sequence, error;
  } ring[BEAT_RING];
};

static void beat_closed(uv_handle_t *handle) {
  struct beat *b = handle->data;
  if (b->hook != NULL) napi_remove_async_cleanup_hook(b->hook);
  free(b->message);
  free(b);
}

void beat_stop(struct beat *b) {
  if (b == NULL || b->sock == NULL) return;
  b->sock->beat = NULL;
  b->sock = NULL;
  uv_close((uv_handle_t *)&b->timer, beat_closed);
}

/* The environment ends (a Worker terminates) while the socket is open; Node waits for beat_closed. */
static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  beat_stop(data);
}

static void send_one(struct beat *b, unsigned target) {
  if (b->count == BEAT_RING) return;
  b->sequence++;
  b->message[SEQUENCE_AT] = b->sequence >> 8;
  b->message[SEQUENCE_AT + 1] = b->sequence & 0xff;
  struct iovec io = {b->message, b->message_length};
  struct msghdr m = {.msg_name = b->addresses + (size_t)target * BEAT_ADDRESS, .msg_namelen = BEAT_ADDRESS, .msg_iov = &io,
                     .msg_iovlen = 1, .msg_control = b->control_length == 0 ? NULL : b->control,
                     .msg_controllen = b->control_length};
  struct line *line = &b->ring[(b->first + b->count++) % BEAT_RING];
  *line = (struct line){.at_ns = uv_hrtime(), .target = (int32_t)target, .sequence = b->sequence};
  if (sendmsg(b->sock->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) line->error = errno;
}

static void due(uv_timer_t *timer);

/* Late or not, the next tick is where it was to be. */
static int arm(struct beat *b) {
  uint64_t at = b->start_ns + b->tick * b->tick_ns, now = uv_hrtime();
  /* Whole milliseconds, and never too early: that would be a waking for nothing. */
  uint64_t wait_ms = at > now ? (at - now + 999999) / 1000000 : 0;
  uv_update_time(b->loop);
  return uv_timer_start(&b->timer, due, wait_ms, 0);
}

static void due(uv_timer_t *timer) {
  struct beat *b = timer->data;
  if (b->sock == NULL) return;
  uint64_t reached = (uv_hrtime() - b->start_ns) / b->tick_ns;
  /* What a held-up process missed lately is made up for, no target being asked twice; the rest is left out: a burst measures itself. */
  uint64_t back = b->ticks * 3ULL / 4, most = (uint64_t)BEAT_BURST * b->ticks / b->targets;
  if (back > most) back = most;
  if (reached > back && b->tick < reached - back) b->tick = reached - back;
  for (; b->tick <= reached; b->tick++) {
    uint64_t at = b->tick % b->ticks;
    for (uint64_t i = at * b->targets / b->ticks; i < (at + 1) * b->targets / b->ticks; i++) send_one(b, (unsigned)i);
  }
  arm(b);
}

/*
 * beat(message, addresses, control, sequence, ticks, tickUs): 0. From now on `message` goes to each of `addresses` (struct
 * sockaddr_in6, one behind the other) once in `ticks` ticks, evenly spread over them, with numbers that follow `sequence`. What was
 * told before ends; without addresses that is all. Everything is copied. Keeps no process alive.
 */
napi_value sock_beat(napi_env env, napi_callback_info info) {
  napi_value argv[6];
  void *message, *addresses, *control;
  size_t message_length, addresses_length, control_length;
  int32_t sequence, ticks, tick_us;
  uv_loop_t *loop;
  struct sock *s = receiver(env, info, 6, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &message, &message_length) ||
      !get_array(env, argv[1], napi_uint8_array, &addresses, &addresses_length) ||
      !get_array(env, argv[2], napi_uint8_array, &control, &control_length) || !get_int(env, argv[3], &sequence) ||
      !get_int(env, argv[4], &ticks) || !get_int(env, argv[5], &tick_us))
    return NULL;
  if (s->fd < 0) return integer(env, -EBADF);
  if (addresses_length == 0) {
    beat_stop(s->beat);
    return integer(env, 0);
  }
  size_t targets = addresses_length / BEAT_ADDRESS;
  if (message_length <= SEQUENCE_AT + 1 || message_length > 65536 || control_length > 65536 || targets < 1 ||
      targets > BEAT_TARGETS_MAX || addresses_length % BEAT_ADDRESS != 0 || ticks < 1 || ticks > 100000 || tick_us < 1000)
    return integer(env, -EINVAL);
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return integer(env, -EPERM);
  struct beat *b = calloc(1, sizeof *b);
  uint8_t *copy = malloc(message_length + addresses_length + control_length);
  if (b == NULL || copy == NULL || uv_timer_init(loop, &b->timer) != 0) {
    free(b);
    free(copy);
    return integer(env, -ENOMEM);
  }
  b->timer.data = b;
  b->loop = loop;
  b->message = copy;
  b->addresses = copy + message_length;
  b->control = b->addresses + addresses_length;
  memcpy(b->message, message, message_length);
  memcpy(b->addresses, addresses, addresses_length);
  if (control_length > 0) memcpy(b->control, control, control_length);
  b->message_length = message_length;
  b->control_length = control_length;
  b->targets = (unsigned)targets;
  b->ticks = (unsigned)ticks;
  b->tick_ns = (uint64_t)tick_us * 1000;
  b->start_ns = uv_hrtime();
  b->sequence = (uint16_t)sequence;
  beat_stop(s->beat);
  b->sock = s;
  s->beat = b;
  uv_unref((uv_handle_t *)&b->timer);
  if (napi_add_async_cleanup_hook(env, environment_ends, b, &b->hook) != napi_ok || arm(b) != 0) {
    beat_stop(b);
    return integer(env, -EIO);
  }
  return integer(env, 0);
}

/* beats(lines: Int32Array): how many sends it tells of, oldest first, each once: target, sequence, errno or 0, age in microseconds. */
napi_value sock_beats(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  void *words;
  size_t count;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_int32_array, &words, &count)) return NULL;
  struct beat *b = s->beat;
  if (b == NULL) return integer(env, 0);
  int32_t *out = words;
  int64_t told = 0;
  uint64_t now = uv_hrtime();
  for (; b->count > 0 && (size_t)(told + 1) * BEAT_WORDS <= count; told++, out += BEAT_WORDS) {
    const struct line *line = &b->ring[b->first];
    uint64_t age_us = (now - line->at_ns) / 1000;
    out[0] = line->target;
    out[1] = line->sequence;
    out[2] = line->error;
    out[3] = age_us > INT32_MAX ? INT32_MAX : (int32_t)age_us;
    b->first = (b->first + 1) % BEAT_RING;
    b->count--;
  }
  return integer(env, told);
}
