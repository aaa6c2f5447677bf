/* The clock that the kernel stamps packets with; Node tells it in milliseconds only. */
#ifndef VSIX_CLOCK_H
#define VSIX_CLOCK_H

#include <node_api.h>

napi_value realtime_ns(napi_env env, napi_callback_info info);

#endif
