import type { Attachment } from 'svelte/attachments';

function fit(field: HTMLTextAreaElement, percent: number): void {
  field.style.height = 'auto';
  const most = (window.innerHeight * percent) / 100;
  const wanted = field.scrollHeight + 4;
  field.style.height = `${Math.min(wanted, most)}px`;
  field.style.overflowY = wanted > most ? 'auto' : 'hidden';
}

/** Makes a text field as high as its text, up to a share of the window in percent. */
export function growing(text: () => string, percent: number): Attachment<HTMLTextAreaElement> {
  return (field) => {
    // Read here, so that it fits again whenever the text changes.
    text();
    fit(field, percent);
  };
}
