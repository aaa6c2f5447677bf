#define _GNU_SOURCE
#include "clock.h"

#include <time.h>

#include "values.h"

/* realtimeNs(): what SO_TIMESTAMPNS counts in, nanoseconds since 1970, as a BigInt. */
napi_value realtime_ns(napi_env env, napi_callback_info info) {
  (void)info;
  struct timespec now = {0};
  napi_value v = NULL;
  clock_gettime(CLOCK_REALTIME, &now);
  napi_create_bigint_int64(env, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, &v);
  return v;
}
