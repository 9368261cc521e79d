// Finds what a locator of synthetic/pages describes, as a person would: only what is visible.
(synthetic) => {
  const BY_ROLE = {
    alert: '[role="alert"]',
    button: 'button,input[type="submit"],input[type="button"],input[type="reset"],' +
      'input[type="image"],[role="button"]',
    group: 'fieldset,details,[role="group"]',
    heading: 'h1,h2,h3,h4,h5,h6,[role="heading"]',
    link: 'a[href],area[href],[role="link"]',
    list: 'ul,ol,menu,[role="list"]',
    listitem: 'li,[role="listitem"]',
    textbox: 'input:not([type]),input[type="text"],input[type="email"],input[type="tel"],' +
      'input[type="url"],input[type="password"],textarea,[role="textbox"]',
  };
  const NAMED_BY_CONTENT = new Set(['button', 'heading', 'link', 'tab', 'menuitem', 'option']);

  const clean = (text) => (text || '').replace(/\s+/g, ' ').trim();
  const textOf = (element) => clean(element.textContent);

  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
  };

  const hiddenFromAll = (element) => element.closest('[aria-hidden="true"]') !== null;

  // What a screen reader says of an element's content: hidden parts left out, pictures by their text.
  const spoken = (element) => [...element.childNodes].map((node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute('aria-hidden') === 'true') return '';
    const { display, visibility } = getComputedStyle(node);
    if (display === 'none' || visibility === 'hidden') return '';
    const text = clean(node.getAttribute('aria-label')) || node.getAttribute('alt') || spoken(node);
    return display.startsWith('inline') ? text : ` ${text} `;
  }).join('');

  const nameOf = (element, role) => {
    const labelledBy = clean(element.getAttribute('aria-labelledby'));
    if (labelledBy) {
      const root = element.getRootNode();
      return clean(labelledBy.split(' ').map((id) => root.getElementById?.(id)?.textContent || '').join(' '));
    }
    const label = clean(element.getAttribute('aria-label'));
    if (label) return label;
    if (element.labels?.length) return clean([...element.labels].map(textOf).join(' '));
    if (element.matches('input[type="submit"],input[type="button"],input[type="reset"]')) return clean(element.value);
    if (element.matches('input[type="image"]')) return clean(element.alt);
    if (element.matches('fieldset')) return textOf(element.querySelector('legend') || element);
    const content = NAMED_BY_CONTENT.has(role) ? clean(spoken(element)) : '';
    return content || clean(element.getAttribute('title')) || clean(element.getAttribute('placeholder'));
  };

  const everywhere = function* (selector, root = document) {
    yield* root.querySelectorAll(selector);
    for (const host of root.querySelectorAll('*')) {
      if (host.shadowRoot) yield* everywhere(selector, host.shadowRoot);
    }
  };

  const selectorOf = (spec) => {
    if (spec.css) return spec.css;
    if (spec.test_id) return `[data-testid="${CSS.escape(spec.test_id)}"]`;
    if (spec.label) return 'input,textarea,select,button,[aria-label],[aria-labelledby]';
    if (spec.role) return BY_ROLE[spec.role] || `[role="${CSS.escape(spec.role)}"]`;
    return 'body *';
  };

  const matches = (element, spec) => {
    if (spec.role) {
      const explicit = element.getAttribute('role');
      if (explicit && explicit !== spec.role) return false;
      if (hiddenFromAll(element) || element.getAttribute('aria-busy') === 'true') return false;
    }
    const wanted = spec.name || spec.label;
    if (wanted && !new RegExp(wanted, 'i').test(nameOf(element, spec.role))) return false;
    return !spec.text || new RegExp(spec.text, 'i').test(textOf(element));
  };

  synthetic.every = function* (spec) {
    for (const element of everywhere(selectorOf(spec))) {
      if (matches(element, spec) && visible(element)) yield element;
    }
  };

  synthetic.find = (spec) => synthetic.every(spec).next().value ?? null;

  synthetic.textOf = textOf;

  const shown = function* (role, selector) {
    for (const element of everywhere(selector)) {
      if (visible(element) && !hiddenFromAll(element)) yield [role, element];
    }
  };

  // What a person could see instead: for the message of a step that timed out.
  synthetic.outline = (most) => {
    const seen = [];
    for (const [by, selector] of Object.entries(BY_ROLE)) {
      for (const [role, element] of shown(by, selector)) {
        if (seen.length >= most) return seen;
        const name = (nameOf(element, role) || textOf(element)).slice(0, 40);
        if (name) seen.push(`${role} "${name}"`);
      }
    }
    return seen;
  };

  // All that has a role, at most so many of each: for proposals of how else to find something.
  synthetic.inventory = (most) => {
    const others = new Set([...everywhere('[role]')].map((element) => element.getAttribute('role')));
    for (const role of Object.keys(BY_ROLE)) others.delete(role);
    const selectors = { ...BY_ROLE };
    for (const role of others) selectors[role] = `[role="${CSS.escape(role)}"]`;
    return Object.entries(selectors).flatMap(([by, selector]) =>
      [...shown(by, selector)].slice(0, most).map(([role, element]) => ({
        role: element.getAttribute('role') || role,
        name: nameOf(element, role).slice(0, 80),
        text: textOf(element).slice(0, 80),
        test_id: (element.getAttribute('data-testid') || '').slice(0, 80),
        id: (element.id || '').slice(0, 80),
      })));
  };
}
