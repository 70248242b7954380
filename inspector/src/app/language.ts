/**
 * Some browsers without a language tell `en-US@posix`, which Intl refuses, and the charts ask Intl for the browser's language as they
 * are loaded. Imported before them.
 */
try {
  new Intl.NumberFormat(navigator.language).format(0);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
