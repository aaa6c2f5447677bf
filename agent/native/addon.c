/*
 * One class, Socket: a non-blocking socket of any domain, read in batches, polled on the Node event loop.
 * Used for AF_NETLINK and raw ICMPv6; bytes are encoded and decoded in TypeScript (agent/src/wire).
 *
 * Every call that can fail returns a negative errno; misuse (a wrong argument type) throws a TypeError.
 * Memory: struct sock belongs to the JavaScript object and is freed by its finalizer. struct watch belongs to libuv
 * from uv_poll_init until the close callbacks of its two handles, and knows of its sock only while that is open.
 * Threads: post() hands bytes to one thread of the socket's own (pump.c); shut() joins it before anything it uses goes.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "pump.h"

/* Layout of one receive slot; agent/native/load.ts has the same numbers. */
enum { ADDRESS_SIZE = 32, CONTROL_SIZE = 256, DATA_OFFSET = ADDRESS_SIZE + CONTROL_SIZE };
enum { META_PER_SLOT = 4, BATCH_MAX = 64 };

static const napi_type_tag SOCKET_TAG = {0x76534958736f636bULL, 0x9d1c57a20e4b4f31ULL};

struct sock {
  int fd; /* -1 once closed */
  struct watch *watch;
  struct pump *pump; /* NULL until the first post() */
};

struct watch {
  uv_poll_t poll;
  uv_async_t wake; /* the pump's only way to the event loop */
  int handles;     /* not yet closed */
  napi_env env;
  napi_ref self, callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  struct sock *sock; /* NULL once closing */
};

/* ---- values ---- */

static napi_value integer(napi_env env, int64_t n) {
  napi_value v = NULL;
  napi_create_int64(env, n, &v);
  return v;
}

static int get_int(napi_env env, napi_value v, int32_t *out) {
  if (v != NULL && napi_get_value_int32(env, v, out) == napi_ok) return 1;
  napi_throw_type_error(env, NULL, "expected a number");
  return 0;
}

static int is_undefined(napi_env env, napi_value v) {
  napi_valuetype type = napi_undefined;
  return v == NULL || napi_typeof(env, v, &type) != napi_ok || type == napi_undefined;
}

/* Bytes of a typed array of exactly this type; `length` in elements. */
static int get_array(napi_env env, napi_value v, napi_typedarray_type wanted, void **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  if (v != NULL && napi_is_typedarray(env, v, &is) == napi_ok && is &&
      napi_get_typedarray_info(env, v, &type, length, data, NULL, NULL) == napi_ok && type == wanted) {
    if (*data == NULL) *length = 0; /* a detached buffer */
    return 1;
  }
  napi_throw_type_error(env, NULL, wanted == napi_int32_array ? "expected an Int32Array" : "expected a Uint8Array");
  return 0;
}

/* The struct behind `this`; throws and returns NULL when `this` is not one of ours. */
static struct sock *receiver(napi_env env, napi_callback_info info, size_t argc, napi_value *argv, napi_value *self) {
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

/* ---- closing ---- */

/* poll() went no further than its first handle. */
static void poll_alone_closed(uv_handle_t *handle) {
  free(handle->data);
}

static void watch_closed(uv_handle_t *handle) {
  struct watch *w = handle->data;
  if (--w->handles > 0) return;
  napi_remove_async_cleanup_hook(w->hook);
  free(w);
}

/* Lets go of everything but the handle's own memory, which libuv gives back in watch_closed. */
static void unwatch(struct sock *s) {
  struct watch *w = s->watch;
  if (w == NULL) return;
  s->watch = NULL;
  w->sock = NULL;
  napi_delete_reference(w->env, w->callback);
  napi_delete_reference(w->env, w->self);
  napi_async_destroy(w->env, w->context);
  uv_close((uv_handle_t *)&w->poll, watch_closed);
  uv_close((uv_handle_t *)&w->wake, watch_closed);
}

static void shut(struct sock *s) {
  pump_stop(s->pump); /* first: it wakes by the watch's handle and sends by the descriptor */
  s->pump = NULL;
  unwatch(s);   /* before close(): libuv must forget the descriptor first */
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}

/* The environment ends (a Worker terminates) while the socket is open; Node waits for watch_closed. */
static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  struct watch *w = data;
  if (w->sock != NULL) shut(w->sock);
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  struct sock *s = data;
  shut(s); /* a watched socket holds a strong reference to itself, so here there is no watch left */
  free(s);
}

/* ---- methods ---- */

static napi_value construct(napi_env env, napi_callback_info info) {
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
static napi_value sock_bind(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  void *address;
  size_t length;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &address, &length)) return NULL;
  return integer(env, bind(s->fd, address, length) < 0 ? -errno : 0);
}

/* setsockopt(level, name, value: number | Uint8Array) */
static napi_value sock_setsockopt(napi_env env, napi_callback_info info) {
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
  return integer(env, setsockopt(s->fd, level, name, value, length) < 0 ? -errno : 0);
}

/* send(data, address?, control?): bytes sent */
static napi_value sock_send(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  struct iovec io = {0};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
  size_t length = 0;
  struct sock *s = receiver(env, info, 3, argv, NULL);
  if (s == NULL || !get_array(env, argv[0], napi_uint8_array, &io.iov_base, &io.iov_len)) return NULL;
  if (!is_undefined(env, argv[1])) {
    if (!get_array(env, argv[1], napi_uint8_array, &m.msg_name, &length)) return NULL;
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
static napi_value sock_post(napi_env env, napi_callback_info info) {
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
static napi_value sock_sent(napi_env env, napi_callback_info info) {
  struct sock *s = receiver(env, info, 0, NULL, NULL);
  if (s == NULL) return NULL;
  return integer(env, s->pump == NULL ? 0 : pump_sent(s->pump));
}

/*
 * recv(buffer: Uint8Array, slotSize, meta: Int32Array): datagrams received. Slot i begins at i * slotSize: source
 * address, control messages, data; meta[4i..] is data length, address length, control length, MSG_* flags.
 */
static napi_value sock_recv(napi_env env, napi_callback_info info) {
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

static void tell(struct watch *w, int status) {
  napi_env env = w->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback = NULL, self = NULL, argument = integer(env, status), result, thrown;
  napi_get_reference_value(env, w->callback, &callback);
  napi_get_reference_value(env, w->self, &self);
  /* The callback may close the socket: w stays allocated until watch_closed, but nothing of it is used after this. */
  if (napi_make_callback(env, w->context, self, callback, 1, &argument, &result) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &thrown) == napi_ok)
    napi_fatal_exception(env, thrown); /* 'uncaughtException', as for any other event */
  napi_close_handle_scope(env, scope);
}

/* The descriptor is readable (0), or has an error pending (negative errno; reading it here cleared it). */
static void readable(uv_poll_t *poll, int status, int events) {
  (void)events;
  struct watch *w = poll->data;
  if (w->sock == NULL) return;
  if (status < 0) { /* libuv stops polling on POLLERR, which netlink raises for an overrun: go on */
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(w->sock->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0) {
      status = -error;
      uv_poll_start(poll, UV_READABLE, readable);
    }
  }
  tell(w, status);
}

/* A posted send failed: nothing will come to be read. */
static void woken(uv_async_t *wake) {
  struct watch *w = wake->data;
  if (w->sock != NULL) tell(w, 0);
}

/* poll(callback: (status: number) => void): keeps the process alive until close(). Once per socket. */
static napi_value sock_poll(napi_env env, napi_callback_info info) {
  napi_value argv[1], self, name;
  napi_valuetype type = napi_undefined;
  uv_loop_t *loop;
  struct sock *s = receiver(env, info, 1, argv, &self);
  if (s == NULL) return NULL;
  if (argv[0] == NULL || napi_typeof(env, argv[0], &type) != napi_ok || type != napi_function) {
    napi_throw_type_error(env, NULL, "expected a function");
    return NULL;
  }
  if (s->fd < 0) return integer(env, -EBADF);
  if (s->watch != NULL) return integer(env, -EALREADY);
  struct watch *w = calloc(1, sizeof *w);
  if (w == NULL) return integer(env, -ENOMEM);
  w->env = env;
  w->sock = s;
  w->poll.data = w->wake.data = w;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok || uv_poll_init(loop, &w->poll, s->fd) != 0) {
    free(w);
    return integer(env, -EPERM);
  }
  if (uv_async_init(loop, &w->wake, woken) != 0) { /* no memory or descriptor: the one handle closes by itself */
    uv_close((uv_handle_t *)&w->poll, poll_alone_closed);
    return integer(env, -ENOMEM);
  }
  w->handles = 2;
  s->watch = w; /* from here on unwatch() takes it apart, whatever of it exists */
  if (napi_add_async_cleanup_hook(env, environment_ends, w, &w->hook) != napi_ok ||
      napi_create_string_utf8(env, "vsix.Socket", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env, self, name, &w->context) != napi_ok ||
      napi_create_reference(env, argv[0], 1, &w->callback) != napi_ok ||
      napi_create_reference(env, self, 1, &w->self) != napi_ok ||
      uv_poll_start(&w->poll, UV_READABLE, readable) != 0) {
    unwatch(s);
    return integer(env, -EIO);
  }
  return integer(env, 0);
}

/* close(): any number of times; no callback comes after it. */
static napi_value sock_close(napi_env env, napi_callback_info info) {
  struct sock *s = receiver(env, info, 0, NULL, NULL);
  if (s != NULL) shut(s);
  return NULL;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      {"bind", NULL, sock_bind, NULL, NULL, NULL, napi_default_method, NULL},
      {"setsockopt", NULL, sock_setsockopt, NULL, NULL, NULL, napi_default_method, NULL},
      {"send", NULL, sock_send, NULL, NULL, NULL, napi_default_method, NULL},
      {"post", NULL, sock_post, NULL, NULL, NULL, napi_default_method, NULL},
      {"sent", NULL, sock_sent, NULL, NULL, NULL, napi_default_method, NULL},
      {"recv", NULL, sock_recv, NULL, NULL, NULL, napi_default_method, NULL},
      {"poll", NULL, sock_poll, NULL, NULL, NULL, napi_default_method, NULL},
      {"close", NULL, sock_close, NULL, NULL, NULL, napi_default_method, NULL},
  };
  napi_value class;
  if (napi_define_class(env, "Socket", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof methods[0], methods,
                        &class) == napi_ok)
    napi_set_named_property(env, exports, "Socket", class);
  return exports;
}
