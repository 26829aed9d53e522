// Makes the pages quicker, and is needed for none of them: outcomes follow while facts are filled in.
(() => {
  'use strict';
  const form = document.querySelector('form[data-live]');
  const parts = document.querySelector('details.parts');
  if (parts && window.matchMedia('(max-width: 56rem)').matches) parts.removeAttribute('open');
  // A link that points to a closed part of the page opens it.
  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    target.scrollIntoView();
  };
  window.addEventListener('hashchange', openTarget);
  openTarget();
  for (const button of document.querySelectorAll('form')) {
    button.addEventListener('submit', () => { button.dataset.sent = 'yes'; });
  }
  if (!form) return;

  let dirty = false;
  let timer = 0;
  let asked = null;
  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const body = new URLSearchParams(new FormData(form));
    body.set('do', 'preview');
    try {
      const answer = await fetch(form.action, { method: 'POST', body, signal: asked.signal, headers: { Accept: 'text/html' }, redirect: 'error' });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const id of ['outcomes', 'glance']) {
        const fresh = page.getElementById(id);
        if (fresh) document.getElementById(id).replaceWith(fresh);
      }
    } catch (fault) {
      if (fault.name !== 'AbortError') return; // saving still works, and says what is the matter
    }
  };
  form.addEventListener('input', () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(look, 350);
  });
  window.addEventListener('beforeunload', (leaving) => {
    if (dirty && form.dataset.sent !== 'yes') leaving.preventDefault();
  });
})();
