// What pages gain with a script: times in the reader's zone, "/" for the search field, menus that close.
(() => {
  'use strict';

  const pad = n => String(n).padStart(2, '0');
  const day = (y, m, d) => `${y}-${pad(m)}-${pad(d)}`;
  const clock = (h, m, s) => `${pad(h)}:${pad(m)}:${pad(s)}`;

  // 2026-11-23 15:12:01, and beside it 14:12:01 UTC.
  function localise(t) {
    const at = new Date(t.dateTime);
    if (t.dataset.at === t.dateTime || Number.isNaN(at.getTime())) return;
    const here = day(at.getFullYear(), at.getMonth() + 1, at.getDate());
    const there = day(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate());
    const utc = clock(at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()) + ' UTC';
    t.dataset.at = t.dateTime;
    if (at.getTimezoneOffset() === 0) return;
    const small = document.createElement('small');
    small.textContent = here === there ? utc : `${there} ${utc}`;
    t.replaceChildren(`${here} ${clock(at.getHours(), at.getMinutes(), at.getSeconds())} `, small);
  }

  const times = () => document.querySelectorAll('time[datetime]').forEach(localise);
  times();
  document.addEventListener('htmx:after:swap', times);

  // A form that opens in its place gets the focus; one that is shown anew, as when the type changes, keeps it.
  let focused = '';
  document.addEventListener('focusin', e => { focused = e.target.id; });
  document.addEventListener('htmx:after:swap', () => {
    const open = document.querySelector('tr.open');
    if (!open || open.dataset.seen || open.contains(document.activeElement)) return;
    open.dataset.seen = 'yes';
    const same = focused && document.getElementById(focused);
    (same && open.contains(same) ? same : open.querySelector('input:not([type=hidden])')).focus();
  });

  // A stream that could not begin, or ended for good, is tried again: the extension only resumes one that was open.
  const again = e => {
    const live = e.target;
    if (live instanceof Element && live.hasAttribute('hx-sse:connect')) setTimeout(() => htmx.trigger(live, 'again'), 3000);
  };
  document.addEventListener('htmx:error', again);
  document.addEventListener('htmx:sse:close', again);

  // A box that chooses all boxes of a name in its form.
  document.addEventListener('change', e => {
    const name = e.target.dataset && e.target.dataset.all;
    if (!name || !e.target.form) return;
    for (const box of e.target.form.querySelectorAll(`input[type=checkbox][name="${name}"]`)) box.checked = e.target.checked;
  });

  const typing = e => e && (e.isContentEditable || /^(input|textarea|select)$/i.test(e.tagName));
  document.addEventListener('keydown', e => {
    if (e.key === '/' && !e.ctrlKey && !e.metaKey && !e.altKey && !typing(e.target)) {
      const search = document.querySelector('[data-search]');
      if (search) {
        e.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (e.key === 'Escape') {
      document.querySelectorAll('details.menu[open]').forEach(d => {
        d.open = false;
        d.querySelector('summary').focus();
      });
    }
  });
  document.addEventListener('click', e => {
    document.querySelectorAll('details.menu[open]').forEach(d => {
      if (!d.contains(e.target)) d.open = false;
    });
  });
})();
