/* What start-up needed and nothing needs any more, given back to the kernel. */
#ifndef VSIX_PAGES_H
#define VSIX_PAGES_H

#include "values.h"

/* See pages.c. */
napi_value release_pages(napi_env env, napi_callback_info info);
napi_value large_pages(napi_env env, napi_callback_info info);

#endif
