/* A socket's place on the Node event loop: from poll() until it is closed. */
#ifndef VSIX_WATCH_H
#define VSIX_WATCH_H

#include <uv.h>

#include "socket.h"

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

/* Lets go of everything but the handles' own memory, which libuv gives back later. Nothing to do without a watch. */
void unwatch(struct sock *s);

napi_value sock_poll(napi_env env, napi_callback_info info);

#endif
