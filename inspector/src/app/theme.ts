/** Light or dark: as the system has it, or as chosen on the page, which is kept. */
import { computed, effect, signal } from '@preact/signals';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'pullgraph-inspector-theme';
const media = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(media.matches);
media.addEventListener('change', ({ matches }) => (systemIsDark.value = matches));

export const theme = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(KEY)) ?? 'auto');
export const isDark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemIsDark.value));

effect(() => {
  localStorage.setItem(KEY, theme.value);
  document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light';
});
