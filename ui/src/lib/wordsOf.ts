/** The words of a text, folded. */
function words(text: string): string[] {
  return text.toLocaleLowerCase('en-GB').split(/\W+/).filter(Boolean);
}

/** Whether each word that was typed begins one of a text's words. */
export function fits(typed: string, ...texts: string[]): boolean {
  const all = words(texts.join(' '));
  return words(typed).every((word) => all.some((one) => one.startsWith(word)));
}
