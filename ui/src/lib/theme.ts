import type { Theme } from './bindings';

/** Shows the window light or dark, or as the operating system has it. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
