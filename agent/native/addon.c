/* The module: which methods the class has. Everything else: socket.h. */
#include "socket.h"
#include "watch.h"

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
