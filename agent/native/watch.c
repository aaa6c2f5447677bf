#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

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

void unwatch(struct sock *s) {
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

/* The environment ends (a Worker terminates) while the socket is open; Node waits for watch_closed. */
static void environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  struct watch *w = data;
  if (w->sock != NULL) shut(w->sock);
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
napi_value sock_poll(napi_env env, napi_callback_info info) {
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
