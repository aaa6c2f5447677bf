/*
 * One class, Socket: a non-blocking socket of any domain, read in batches, polled on the Node event loop.
 * Used for AF_NETLINK and raw ICMPv6; bytes are encoded and decoded in TypeScript (agent/src/wire).
 *
 * socket.c makes, sets and closes; transfer.c sends and receives; watch.c polls; pump.c is the sending thread; beat.c sends by a timer; ring.c shares
 * a packet ring's memory;
 * addon.c says which methods there are.
 *
 * Every call that can fail returns a negative errno; misuse (a wrong argument type) throws a TypeError.
 * Memory: struct sock belongs to the JavaScript object and is freed by its finalizer. struct watch belongs to libuv
 * from uv_poll_init until the close callbacks of its two handles, and knows of its sock only while that is open. So does
 * struct beat with its one handle.
 * Threads: post() hands bytes to one thread of the socket's own (pump.c); shut() joins it before anything it uses goes.
 */
#ifndef VSIX_SOCKET_H
#define VSIX_SOCKET_H

#include "values.h"

struct sock {
  int fd; /* -1 once closed */
  struct watch *watch; /* NULL until poll(), and once closed */
  struct pump *pump;   /* NULL until the first post() */
  struct beat *beat;   /* NULL until beat(), and once closed */
  struct ring *ring;   /* NULL until map(), and once closed */
};

/* The struct behind `this`, and the arguments; throws and returns NULL when `this` is not one of ours. */
struct sock *receiver(napi_env env, napi_callback_info info, size_t argc, napi_value *argv, napi_value *self);

/* Closes; any number of times. */
void shut(struct sock *s);

/* socket.c */
napi_value construct(napi_env env, napi_callback_info info);
napi_value sock_bind(napi_env env, napi_callback_info info);
napi_value sock_setsockopt(napi_env env, napi_callback_info info);
napi_value sock_filter_packets(napi_env env, napi_callback_info info);
napi_value sock_share_packets(napi_env env, napi_callback_info info);
napi_value sock_close(napi_env env, napi_callback_info info);

/* transfer.c */
napi_value sock_send(napi_env env, napi_callback_info info);
napi_value sock_send_all(napi_env env, napi_callback_info info);
napi_value sock_post(napi_env env, napi_callback_info info);
napi_value sock_sent(napi_env env, napi_callback_info info);
napi_value sock_backlog(napi_env env, napi_callback_info info);
napi_value sock_recv(napi_env env, napi_callback_info info);

#endif
