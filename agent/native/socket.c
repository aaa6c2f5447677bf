#define _GNU_SOURCE
#include "socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "beat.h"
#include "pump.h"
#include "ring.h"
#include "watch.h"

static const napi_type_tag SOCKET_TAG = {0x76534958736f636bULL, 0x9d1c57a20e4b4f31ULL};

struct sock *receiver(napi_env env, napi_callback_info info, size_t argc, napi_value *argv, napi_value *self) {
  struct sock *s = NULL;
  napi_value this = NULL;
  bool ours = false;
  for (size_t i = 0; i < argc; i++) argv[i] = NULL;
  if (napi_get_cb_info(env, info, &argc, argv, &this, NULL) != napi_ok ||
      napi_check_object_type_tag(env, this, &SOCKET_TAG, &ours) != napi_ok || !ours ||
      napi_unwrap(env, this, (void **)&s) != napi_ok) {
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) napi_throw_type_error(env, NULL, "not a Socket");
    return NULL;
  }
  if (self != NULL) *self = this;
  return s;
}

void shut(struct sock *s) {
  pump_stop(s->pump); /* first: it wakes by the watch's handle and sends by the descriptor */
  s->pump = NULL;
  beat_stop(s->beat);
  unwatch(s);   /* before close(): libuv must forget the descriptor first */
  ring_unmap(s);
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct sock *s = data;
  shut(s); /* a watched socket holds a strong reference to itself, so here there is no watch left */
  free(s);
}

napi_value construct(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value argv[3] = {NULL}, this = NULL, target = NULL;
  int32_t domain, type, protocol;
  if (napi_get_cb_info(env, info, &argc, argv, &this, NULL) != napi_ok) return NULL;
  if (napi_get_new_target(env, info, &target) != napi_ok || target == NULL) {
    napi_throw_type_error(env, NULL, "Socket needs new");
    return NULL;
  }
  if (!get_int(env, argv[0], &domain) || !get_int(env, argv[1], &type) || !get_int(env, argv[2], &protocol)) return NULL;
  struct sock *s = calloc(1, sizeof *s);
  if (s == NULL) {
    napi_throw_error(env, "ENOMEM", "out of memory");
    return NULL;
  }
  s->fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  int error = s->fd < 0 ? errno : 0;
  if (error == 0 && napi_type_tag_object(env, this, &SOCKET_TAG) == napi_ok &&
      napi_wrap(env, this, s, finalize, NULL, NULL) == napi_ok)
    return this;
  if (s->fd >= 0) close(s->fd);
  free(s);
  napi_throw_error(env, uv_err_name(-error), error == 0 ? "cannot make a Socket" : strerror(error));
  return NULL;
}

/* bind(address: Uint8Array) */
napi_value sock_bind(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  void *address;
  size_t length;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &address, &length)) return NULL;
  if (length > INT32_MAX) return integer(env, -EINVAL); /* socklen_t would take the lower half for it */
  return integer(env, bind(s->fd, address, length) < 0 ? -errno : 0);
}

/* setsockopt(level, name, value: number | Uint8Array) */
napi_value sock_setsockopt(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int32_t level, name, number;
  void *value = &number;
  size_t length = sizeof number;
  napi_valuetype type = napi_undefined;
  struct sock *s = receiver(env, info, 3, argv, NULL);
  if (s == NULL || !get_int(env, argv[0], &level) || !get_int(env, argv[1], &name)) return NULL;
  if (argv[2] != NULL) napi_typeof(env, argv[2], &type);
  if (type == napi_number ? !get_int(env, argv[2], &number)
                          : !get_array(env, argv[2], napi_uint8_array, &value, &length))
    return NULL;
  if (length > INT32_MAX) return integer(env, -EINVAL);
  return integer(env, setsockopt(s->fd, level, name, value, length) < 0 ? -errno : 0);
}

/*
 * Gives the kernel a classic BPF program (struct sock_filter, 8 octets each). Not by setsockopt(), for the kernel wants a
 * pointer to it.
 */
static napi_value attach(napi_env env, napi_callback_info info, int option) {
  napi_value argv[1];
  void *program;
  size_t length;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &program, &length)) return NULL;
  if (length % sizeof(struct sock_filter) != 0 || length / sizeof(struct sock_filter) > BPF_MAXINSNS)
    return integer(env, -EINVAL);
  struct sock_fprog f = {.len = length / sizeof(struct sock_filter), .filter = program};
  return integer(env, setsockopt(s->fd, SOL_SOCKET, option, &f, sizeof f) < 0 ? -errno : 0);
}

/* filter(instructions: Uint8Array): packets that the program returns 0 for are dropped. */
napi_value sock_filter_packets(napi_env env, napi_callback_info info) {
  return attach(env, info, SO_ATTACH_FILTER);
}

/* share(instructions: Uint8Array): which socket of a group (SO_REUSEPORT) a packet goes to; counted as they were bound. */
napi_value sock_share_packets(napi_env env, napi_callback_info info) {
  return attach(env, info, SO_ATTACH_REUSEPORT_CBPF);
}

/* close(): any number of times; no callback comes after it. */
napi_value sock_close(napi_env env, napi_callback_info info) {
  struct sock *s = receiver(env, info, 0, NULL, NULL);
  if (s != NULL) shut(s);
  return NULL;
}
