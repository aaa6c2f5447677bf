#define _GNU_SOURCE
#include "pages.h"

#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Smaller segments are not worth it; among them is the vdso, which is no file's. */
enum { WORTHWHILE = 1 << 20 };

/* Whether code of this object was relocated in place (DT_TEXTREL): then its pages are not those of the file. */
static int has_text_relocations(const struct dl_phdr_info *object) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn) *d = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
    for (; d->d_tag != DT_NULL; d++)
      if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL) != 0)) return 1;
  }
  return 0;
}

/* Segments that nobody may write to, hence nobody has: what is dropped of them comes back as it was. */
static int release_object(struct dl_phdr_info *object, size_t size, void *total) {
  (void)size;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  if (has_text_relocations(object)) return 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0 || segment->p_filesz < WORTHWHILE) continue;
    /* Whole pages only: the last one may be shared with what is mapped behind. */
    uintptr_t first = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
    if (first < end && madvise((void *)first, end - first, MADV_DONTNEED) == 0) *(int64_t *)total += end - first;
  }
  return 0;
}

/* releasePages(): octets of address space whose file pages this process let go of. */
napi_value release_pages(napi_env env, napi_callback_info info) {
  (void)info;
  int64_t total = 0;
  dl_iterate_phdr(release_object, &total);
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return integer(env, total);
}
