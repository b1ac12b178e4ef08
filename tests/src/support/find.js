// Finds what a person, or a screen reader, would call by a role and a name. Arguments: role, name (or null for any),
// the element to look in (or null for all). Answers the visible matches: those named exactly so, or else those whose
// name contains it; with no role and no name, a list of all names for a person to read.
const [role, name, scope] = arguments;

const clean = (text) => (text ?? '').replace(/\s+/g, ' ').trim();

const implied = {
  'a[href]': 'link',
  'button, summary, input[type=button], input[type=submit], input[type=reset]': 'button',
  'input[type=checkbox]': 'checkbox',
  'input[type=radio]': 'radio',
  'input[type=search]': 'searchbox',
  'input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=url], textarea': 'textbox',
  'input[type=password]': 'textbox',
  'input[type=number]': 'spinbutton',
  'input[type=file]': 'file',
  'select:not([multiple])': 'combobox',
  'select[multiple]': 'listbox',
  option: 'option',
  'h1, h2, h3, h4, h5, h6': 'heading',
  table: 'table',
  tr: 'row',
  td: 'cell',
  th: 'columnheader',
  li: 'listitem',
  nav: 'navigation',
  main: 'main',
  dialog: 'dialog',
  progress: 'progressbar',
  img: 'img',
  fieldset: 'group',
  'form[aria-labelledby]': 'form',
};

const roleOf = (element) => {
  const said = element.getAttribute('role');
  if (said) return said.split(' ')[0];
  const match = Object.keys(implied).find((selector) => element.matches(selector));
  if (match === 'input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=url], textarea' && element.hasAttribute('list')) return 'combobox';
  return match ? implied[match] : null;
};

// Text as it is read out: what is hidden from screen readers is left out.
const spoken = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (node.nodeType !== Node.ELEMENT_NODE) return '';
  if (node.getAttribute('aria-hidden') === 'true' || node.hidden) return '';
  if (node.matches('script, style')) return '';
  if (node.hasAttribute('aria-label')) return node.getAttribute('aria-label');
  if (node.matches('img')) return node.alt;
  const inner = [...node.childNodes].map(spoken).join('');
  return getComputedStyle(node).display.startsWith('inline') ? inner : ` ${inner} `;
};

const nameOf = (element) => {
  const by = element.getAttribute('aria-labelledby');
  if (by) {
    const named = by.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean).map(spoken).join(' ');
    if (clean(named)) return clean(named);
  }
  if (element.getAttribute('aria-label')) return clean(element.getAttribute('aria-label'));
  if (element.labels?.length) return clean([...element.labels].map(spoken).join(' '));
  if (element.matches('fieldset')) return clean(spoken(element.querySelector('legend') ?? element));
  if (element.matches('table')) return clean(element.caption ? spoken(element.caption) : '');
  if (element.matches('input[type=button], input[type=submit], input[type=reset]')) return clean(element.value);
  if (element.matches('input, textarea, select')) return clean(element.placeholder ?? element.title);
  return clean(spoken(element)) || clean(element.title);
};

const seen = (element) => {
  if (element.closest('[aria-hidden=true], [inert]')) return false;
  // GOV.UK's radio buttons and tick boxes are transparent, with a drawn one over them; they count.
  const native = element.matches('input[type=radio], input[type=checkbox]');
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: !native });
};

const all = [...(scope ?? document).querySelectorAll('*')].filter((element) => roleOf(element) && seen(element));
if (role === null && name === null) {
  const told = ['link', 'button', 'checkbox', 'radio', 'searchbox', 'textbox', 'spinbutton', 'combobox', 'tab', 'menuitem', 'heading', 'alert', 'dialog', 'option'];
  return all.filter((element) => told.includes(roleOf(element))).map((element) => `${roleOf(element)} "${nameOf(element)}"`);
}
const right = all.filter((element) => role === null || roleOf(element) === role);
if (name === null) return right;
const exact = right.filter((element) => nameOf(element) === name);
return exact.length ? exact : right.filter((element) => nameOf(element).toLowerCase().includes(name.toLowerCase()));
