/* The module: which methods the class has, one clock, pages given back and large ones. Everything else: socket.h. */
#include "beat.h"
#include "clock.h"
#include "pages.h"
#include "ring.h"
#include "socket.h"
#include "watch.h"

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      {"bind", NULL, sock_bind, NULL, NULL, NULL, napi_default_method, NULL},
      {"setsockopt", NULL, sock_setsockopt, NULL, NULL, NULL, napi_default_method, NULL},
      {"filter", NULL, sock_filter_packets, NULL, NULL, NULL, napi_default_method, NULL},
      {"share", NULL, sock_share_packets, NULL, NULL, NULL, napi_default_method, NULL},
      {"send", NULL, sock_send, NULL, NULL, NULL, napi_default_method, NULL},
      {"sendAll", NULL, sock_send_all, NULL, NULL, NULL, napi_default_method, NULL},
      {"post", NULL, sock_post, NULL, NULL, NULL, napi_default_method, NULL},
      {"sent", NULL, sock_sent, NULL, NULL, NULL, napi_default_method, NULL},
      {"backlog", NULL, sock_backlog, NULL, NULL, NULL, napi_default_method, NULL},
      {"recv", NULL, sock_recv, NULL, NULL, NULL, napi_default_method, NULL},
      {"beat", NULL, sock_beat, NULL, NULL, NULL, napi_default_method, NULL},
      {"beats", NULL, sock_beats, NULL, NULL, NULL, napi_default_method, NULL},
      {"poll", NULL, sock_poll, NULL, NULL, NULL, napi_default_method, NULL},
      {"map", NULL, sock_map, NULL, NULL, NULL, napi_default_method, NULL},
      {"blockReady", NULL, sock_block_ready, NULL, NULL, NULL, napi_default_method, NULL},
      {"blockDone", NULL, sock_block_done, NULL, NULL, NULL, napi_default_method, NULL},
      {"getsockopt", NULL, sock_getsockopt, NULL, NULL, NULL, napi_default_method, NULL},
      {"close", NULL, sock_close, NULL, NULL, NULL, napi_default_method, NULL},
  };
  napi_value class;
  if (napi_define_class(env, "Socket", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof methods[0], methods,
                        &class) == napi_ok)
    napi_set_named_property(env, exports, "Socket", class);
  napi_value clock;
  if (napi_create_function(env, "realtimeNs", NAPI_AUTO_LENGTH, realtime_ns, NULL, &clock) == napi_ok)
    napi_set_named_property(env, exports, "realtimeNs", clock);
  napi_value release;
  if (napi_create_function(env, "releasePages", NAPI_AUTO_LENGTH, release_pages, NULL, &release) == napi_ok)
    napi_set_named_property(env, exports, "releasePages", release);
  napi_value large;
  if (napi_create_function(env, "largePages", NAPI_AUTO_LENGTH, large_pages, NULL, &large) == napi_ok)
    napi_set_named_property(env, exports, "largePages", large);
  return exports;
}
