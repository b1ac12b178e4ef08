import { onMount } from 'svelte';
import { confirm } from '$lib/confirm.svelte';
import { router } from '$lib/router.svelte';

/** Asks before a form is left whose content would be lost. */
export function guardUnsaved(unsaved: () => boolean): { release: () => void } {
  let stop: (() => void) | null = null;
  onMount(() => {
    stop = router.guard(
      async () =>
        !unsaved() ||
        confirm.ask({
          title: 'Leave without saving?',
          text: 'What you entered on this page would be lost.',
          action: 'Leave',
          keep: 'Stay on this page',
          warning: true,
        }),
    );
    return () => stop?.();
  });
  return { release: () => stop?.() };
}
