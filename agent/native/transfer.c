#define _GNU_SOURCE
#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "pump.h"
#include "watch.h"

/* Layout of one receive slot; agent/native/load.ts has the same numbers. */
enum { ADDRESS_SIZE = 32, CONTROL_SIZE = 256, DATA_OFFSET = ADDRESS_SIZE + CONTROL_SIZE };
enum { META_PER_SLOT = 4, BATCH_MAX = 64 };

/* send(data, address?, control?): bytes sent */
napi_value sock_send(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  struct iovec io = {0};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
  size_t length = 0;
  struct sock *s = receiver(env, info, 3, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &io.iov_base, &io.iov_len)) return NULL;
  if (!is_undefined(env, argv[1])) {
    if (!get_array(env, argv[1], napi_uint8_array, &m.msg_name, &length)) return NULL;
    if (length > INT32_MAX) return integer(env, -EINVAL); /* socklen_t would take the lower half for it */
    m.msg_namelen = length;
  }
  if (!is_undefined(env, argv[2])) {
    if (!get_array(env, argv[2], napi_uint8_array, &m.msg_control, &length)) return NULL;
    m.msg_controllen = length;
  }
  ssize_t n = sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
  return integer(env, n < 0 ? -errno : n);
}

/*
 * post(data): 0; the bytes are copied and sent by the socket's own thread, one post after another. EAGAIN when
 * POSTED_MAX are not done. Needs poll(), whose callback tells when a send failed; see sent().
 */
napi_value sock_post(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  void *data;
  size_t length;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &data, &length)) return NULL;
  if (s->fd < 0) return integer(env, -EBADF);
  if (s->watch == NULL || length == 0) return integer(env, -EINVAL);
  if (s->pump == NULL) {
    int error = pump_start(&s->pump, s->fd, &s->watch->wake);
    if (error != 0) return integer(env, -error);
  }
  return integer(env, -pump_post(s->pump, data, length));
}

/* sent(): how many posts are not done; or the negative errno of one that failed, once: those behind it were dropped. */
napi_value sock_sent(napi_env env, napi_callback_info info) {
  struct sock *s = receiver(env, info, 0, NULL, NULL);
  if (s == NULL) return NULL;
  return integer(env, s->pump == NULL ? 0 : pump_sent(s->pump));
}

/*
 * recv(buffer: Uint8Array, slotSize, meta: Int32Array): datagrams received. Slot i begins at i * slotSize: source
 * address, control messages, data; meta[4i..] is data length, address length, control length, MSG_* flags.
 */
napi_value sock_recv(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  void *buffer, *words;
  size_t size, count;
  int32_t slot;
  struct sock *s = receiver(env, info, 3, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &buffer, &size) || !get_int(env, argv[1], &slot) ||
      !get_array(env, argv[2], napi_int32_array, &words, &count))
    return NULL;
  if (slot <= DATA_OFFSET) return integer(env, -EINVAL);
  size_t n = size / (size_t)slot;
  if (n > count / META_PER_SLOT) n = count / META_PER_SLOT;
  if (n > BATCH_MAX) n = BATCH_MAX;
  if (n == 0) return integer(env, -EINVAL);
  struct mmsghdr h[BATCH_MAX];
  struct iovec io[BATCH_MAX];
  memset(h, 0, sizeof h[0] * n);
  for (size_t i = 0; i < n; i++) {
    uint8_t *at = (uint8_t *)buffer + i * (size_t)slot;
    io[i] = (struct iovec){at + DATA_OFFSET, (size_t)slot - DATA_OFFSET};
    h[i].msg_hdr = (struct msghdr){.msg_name = at, .msg_namelen = ADDRESS_SIZE, .msg_iov = &io[i], .msg_iovlen = 1,
                                   .msg_control = at + ADDRESS_SIZE, .msg_controllen = CONTROL_SIZE};
  }
  int got = recvmmsg(s->fd, h, n, MSG_DONTWAIT, NULL);
  if (got < 0) return integer(env, -errno);
  int32_t *meta = words;
  for (int i = 0; i < got; i++, meta += META_PER_SLOT) {
    meta[0] = (int32_t)h[i].msg_len;
    meta[1] = (int32_t)h[i].msg_hdr.msg_namelen;
    meta[2] = (int32_t)h[i].msg_hdr.msg_controllen;
    meta[3] = (int32_t)h[i].msg_hdr.msg_flags;
  }
  return integer(env, got);
}

/* The clock of process.hrtime(). */
static double monotonic_us(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/*
 * sendAll(buffer: Uint8Array, slotSize, meta: Int32Array, stamps: Float64Array, count): 0. Sends the first `count` slots,
 * laid out as those of recv(): meta[4i..] is data length, address length, control length, and afterwards octets sent or
 * a negative errno; stamps[i] is the monotonic time just before it was handed to the kernel, microseconds. One sendmsg(2)
 * each, not sendmmsg(2): that stamps nothing between two messages, and saves no more than the entry into the kernel.
 */
napi_value sock_send_all(napi_env env, napi_callback_info info) {
  napi_value argv[5];
  void *buffer, *words, *times;
  size_t size, room, stamps;
  int32_t slot, count;
  struct sock *s = receiver(env, info, 5, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &buffer, &size) || !get_int(env, argv[1], &slot) ||
      !get_array(env, argv[2], napi_int32_array, &words, &room) ||
      !get_array(env, argv[3], napi_float64_array, &times, &stamps) || !get_int(env, argv[4], &count))
    return NULL;
  if (s->fd < 0) return integer(env, -EBADF);
  if (slot <= DATA_OFFSET || count < 0 || count > BATCH_MAX) return integer(env, -EINVAL);
  const size_t n = (size_t)count;
  if (n > size / (size_t)slot || n > room / META_PER_SLOT || n > stamps) return integer(env, -EINVAL);
  int32_t *meta = words;
  double *stamp = times;
  for (size_t i = 0; i < n; i++, meta += META_PER_SLOT) {
    uint8_t *at = (uint8_t *)buffer + i * (size_t)slot;
    struct iovec io = {at + DATA_OFFSET, (size_t)meta[0]};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_name = at, .msg_namelen = (socklen_t)meta[1],
                       .msg_control = at + ADDRESS_SIZE, .msg_controllen = (size_t)meta[2]};
    int fits = meta[0] >= 0 && meta[0] <= slot - DATA_OFFSET && meta[1] >= 0 && meta[1] <= ADDRESS_SIZE &&
               meta[2] >= 0 && meta[2] <= CONTROL_SIZE;
    stamp[i] = monotonic_us();
    ssize_t sent = fits ? sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) : -1;
    meta[3] = sent >= 0 ? (int32_t)sent : fits ? -errno : -EINVAL;
  }
  return integer(env, 0);
}

/*
 * backlog(words: Int32Array): 0; words[0] is memory that unread datagrams take, words[1] how much they may take, words[2] how
 * many were dropped since the socket was made (SO_MEMINFO). Those were too many to be kept, or damaged.
 */
napi_value sock_backlog(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  void *words;
  size_t count;
  uint32_t told[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof told;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_int32_array, &words, &count)) return NULL;
  if (count < 3) return integer(env, -EINVAL);
  if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, told, &size) < 0) return integer(env, -errno);
  const int32_t out[3] = {(int32_t)told[SK_MEMINFO_RMEM_ALLOC], (int32_t)told[SK_MEMINFO_RCVBUF],
                          (int32_t)told[SK_MEMINFO_DROPS]};
  memcpy(words, out, sizeof out);
  return integer(env, 0);
}
