/* A packet ring (packet(7), TPACKET_V3) in memory that the kernel and JavaScript share. */
#ifndef VSIX_RING_H
#define VSIX_RING_H

#include "socket.h"

struct ring {
  unsigned char *memory;
  size_t length;
  napi_env env;
  napi_ref view; /* the ArrayBuffer over it */
};

/* Detaches the ArrayBuffer, so that nobody reads what is no longer there, then unmaps. Nothing to do without a ring. */
void ring_unmap(struct sock *s);

napi_value sock_map(napi_env env, napi_callback_info info);
napi_value sock_block_ready(napi_env env, napi_callback_info info);
napi_value sock_block_done(napi_env env, napi_callback_info info);
napi_value sock_getsockopt(napi_env env, napi_callback_info info);

#endif
