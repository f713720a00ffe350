/** What all pages are made of. */
import {h} from 'preact';
import {useEffect, useId, useRef, useState} from 'preact/hooks';
import htm from 'htm';
import {ask, useRefusal} from './api.js';
import {differing, link, short, words} from './format.js';
import {dateTime, everywhere} from './times.js';

export const html = htm.bind(h);

/** A symbol beside each state, so that it is not told by colour alone. */
const SIGNS = {
  good: '●', bad: '✖', warn: '▲', busy: '◐', off: '○', unknown: '?',
};
const KINDS = {
  HEALTHY: 'good', SUCCEEDED: 'good', OK: 'good', READY: 'good', IN_SYNC: 'good',
  DOWN: 'bad', FAILED: 'bad', ROLLED_BACK: 'bad', ALARM: 'bad', UNHEALTHY: 'bad',
  DEGRADED: 'warn', NOT_ENOUGH_EVIDENCE: 'warn', APPROVAL: 'warn', DRIFTED: 'warn',
  CHANGING: 'busy', RUNNING: 'busy', QUEUED: 'busy', IN_PROGRESS: 'busy', COMPUTING: 'busy', STARTED: 'busy', STOPPING: 'busy', DETECTING: 'busy',
  STOPPED: 'off', CANCELLED: 'off', SUPERSEDED: 'off', ABANDONED: 'off', CANCELED: 'off',
};

export function State({of, children}) {
  const kind = KINDS[of] ?? 'unknown';
  return html`<span class="state ${kind}"><span aria-hidden="true">${SIGNS[kind]}</span> ${children ?? words(of)}</span>`;
}

/** In the time zone that the head of the page names. */
export function Time({at}) {
  return at ? html`<time datetime=${at} title=${everywhere(at)}>${dateTime(at)}</time>` : '–';
}

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence of the API, with its instants in the time zone of the page, and digests as far as people compare them. */
export function readable(sentence) {
  return sentence && short(sentence).split(INSTANT).map((part, index) => (index % 2 ? html`<${Time} at=${part} />` : part));
}

/** What is to be done, without the call that the page has a button for, or the path that it has a link to. */
export function waiting(sentence) {
  return readable(sentence.replace(/: (?:POST )?\/v1\/\S*[^\s.](?: or \/reject with .*})?/, ''));
}

/** What a page is of, in its heading and in the title of the window. */
export function Title({children}) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${heading.current.textContent} – Slipway`;
  });
  return html`<h1 tabindex="-1" ref=${heading}>${children}</h1>`;
}

export function ErrorBox({error, stale}) {
  if (!error) {
    return null;
  }
  const {problem} = error;
  return html`
    <div class="error" role="alert">
      <p>${problem.title ? html`<strong>${problem.title}</strong>: ` : null}${readable(problem.detail)}</p>
      <${Fields} of=${problem.errors} />
      ${problem.action ? html`<p>${readable(problem.action)}</p>` : null}
      ${stale ? html`<p>What stands below is as it was at <${Time} at=${stale.toISOString()} />; it is tried again.</p>` : null}
    </div>`;
}

/**
 * The fields that are wrong, with what stands there and what would be right.
 *
 * @param go called with a field that is to be looked at, where that can be done
 */
export function Fields({of, go}) {
  const name = (field) => html`<code>${field.field || 'all of it'}</code>`;
  return of?.length ? html`<ul>${of.map((field) => html`
    <li>${go ? html`<button type="button" onClick=${() => go(field.field)}>${name(field)}</button>` : name(field)}${
      field.value ? html`: <code>${field.value}</code>` : null} ${field.message}</li>`)}</ul>` : null;
}

/** What is told now, and by which part of the page. */
const told = new Map();

/** Whether this part of the page is the one that tells it: what makes all of them fail is told once. */
function useTold(text) {
  const own = useRef({}).current;
  if (text && !told.has(text)) {
    told.set(text, own);
  }
  useEffect(() => () => told.get(text) === own && told.delete(text), [text]);
  return told.get(text) === own;
}

/** What a document says, once it is there. An answer that takes its time is waited for with a word. */
export function Loaded({of, children}) {
  const tells = useTold(of.error?.message);
  return html`
    <${ErrorBox} error=${tells ? of.error : null} stale=${of.at} />
    ${of.error && !tells && of.at ? html`<p class="quiet">As it was at <${Time} at=${of.at.toISOString()} />.</p>` : null}
    ${of.value ? children(of.value) : tells ? null : html`<p class="asking" role="status">${of.error ? 'Not read yet.' : 'Asking …'}</p>`}`;
}

export function Section({title, children}) {
  const id = useId();
  return html`
    <section aria-labelledby=${id}>
      <h2 id=${id}>${title}</h2>
      ${children}
    </section>`;
}

/**
 * On a phone each row is a card. The roles say what that style takes from the elements.
 *
 * @param columns name of each
 * @param rows of cells; a row with a key keeps its place
 */
export function Table({label, columns, rows, empty = 'None.'}) {
  const id = useId();
  if (!rows.length) {
    return html`<p class="none">${empty}</p>`;
  }
  return html`
    <div class="scroll" role="region" aria-labelledby=${id} tabindex="0">
      <table role="table">
        <caption id=${id} class="hidden">${label}</caption>
        <thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
        <tbody role="rowgroup">${rows.map((row) => html`<tr key=${row.key} role="row">${row.cells.map((cell, i) =>
          i ? html`<td role="cell" data-column=${columns[i]} class=${(cell ?? '') === '' ? 'void' : undefined}><div>${cell ?? '–'}</div></td>`
            : html`<th scope="row" role="rowheader">${cell}</th>`)}</tr>`)}</tbody>
      </table>
    </div>`;
}

/** Pairs of name and value; those without a value are left out. */
export function Facts({of}) {
  return html`<dl class="facts">${of.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** How the traffic is shared between releases; 100 % together. */
export function Traffic({shares}) {
  const known = shares.filter((share) => share.percent > 0);
  const told = known.map((share) => `${share.percent} % ${share.name}`).join(', ') || 'no traffic';
  return html`
    <div class="traffic">
      <div class="bar" aria-hidden="true">${known.map((share) =>
        html`<span class=${share.candidate ? 'candidate' : 'baseline'} style=${{width: `${share.percent}%`}}></span>`)}</div>
      <span>${told}</span>
    </div>`;
}

/** What was accepted last, for the part of the page that it leads to: with what its sender should know. */
let accepted = null;

/** To the page of what a request has begun. */
export function follow(answer) {
  accepted = answer;
  location.hash = link(answer.location);
}

/** What there was to know about the request that has begun this. */
export function Warnings({path}) {
  return accepted?.location === path && accepted.warnings?.length
    ? html`<div class="asked" role="note" aria-label="Warnings">${accepted.warnings.map((warning) => html`<p>${readable(warning)}</p>`)}</div>` : null;
}

/**
 * What sends a request once: a second click while it is under way does nothing, and the same again after an answer was lost is known to
 * Slipway by its key.
 *
 * @return {{busy: boolean, error: ?ApiError, forget: function(), send: function(string, string, *, function(Object))}}
 */
export function useRequest() {
  const [state, setState] = useState({busy: false, error: null});
  const asking = useRef(false);
  const lost = useRef({});
  async function send(method, path, body, done) {
    if (asking.current) {
      return;
    }
    asking.current = true;
    setState({busy: true, error: null});
    const said = JSON.stringify([method, path, body]);
    const key = lost.current.said === said ? lost.current.key : newKey();
    let error = null;
    try {
      const answer = await ask(method, path, body, key);
      lost.current = {};
      done(answer);
    } catch (failure) {
      error = failure;
      lost.current = failure.passes ? {said, key} : {};
    }
    asking.current = false;
    setState({busy: false, error});
  }
  return {...state, send, forget: () => setState({busy: asking.current, error: null})};
}

/** Not randomUUID, which a browser has for https and for this machine only. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Who has the focus in what goes away finds it at the heading, and not nowhere. */
function useFocusKept(place) {
  useEffect(() => () => place.current?.contains(document.activeElement) && document.querySelector('h1')?.focus(), []);
}

/**
 * A button that asks once more before it does something, in a dialog that says what will happen. It is disabled, with the reason, where IAM
 * refuses the call to the caller.
 *
 * @param blocked why it is known to be refused, if it is
 * @param path of the call, or what makes it of the texts; then whether IAM refuses it is known only when it is made
 * @param question what will happen
 * @param fields {name, label, required} of texts that are asked for; with a value, of boxes to tick; with options, each a value and its
 *     label, of choices. With more, they are seen when asked for
 * @param body of the request, by the form's data
 * @param preview what shows what would happen, by the path and the body of the request
 * @param done called with the answer
 * @param opened called with whether the dialog is open
 */
export function Action({label, method = 'POST', path, question, fields = [], body = () => undefined, done, danger, blocked, opened, preview}) {
  const refusal = useRefusal(method, typeof path === 'string' ? path : null) ?? blocked;
  const place = useRef(null);
  const dialog = useRef(null);
  const [open, setOpen] = useState(false);
  const sending = useRequest();
  const trying = useRequest(); // one of its own: the key of a request whose answer was lost outlasts it
  const busy = sending.busy || trying.busy;
  const error = sending.error ?? trying.error;
  const [seen, setSeen] = useState(null);
  const edits = useRef(0);
  const id = useId();
  const wrong = (field) => error?.problem.errors?.filter((one) => one.field === `/${field.name.replaceAll('.', '/')}`) ?? [];
  const beside = fields.flatMap(wrong);
  const asked = (field) => html`<${Asked} of=${field} wrong=${wrong(field)} id="${id}-${field.name}" />`;
  const more = fields.filter((field) => field.more);
  const opens = useRef(false);
  opens.current ||= more.some((field) => wrong(field).length);
  useFocusKept(place);
  useEffect(() => {
    if (open) {
      dialog.current?.showModal();
    }
    opened?.(open);
  }, [open]);
  useEffect(() => {
    const wrongField = beside.length ? dialog.current?.querySelector('[aria-invalid]') : null;
    wrongField?.focus(); // what is wrong may be out of sight
    (wrongField ?? dialog.current?.querySelector('.error, .asked'))?.scrollIntoView({block: 'nearest'});
  }, [error, seen]);
  /** @param before whether only what would happen is asked for */
  function request(form, before) {
    if (busy) {
      return;
    }
    const said = new FormData(form);
    const texts = Object.fromEntries(said);
    const to = typeof path === 'string' ? path : path(texts);
    forget();
    if (before) {
      const edit = edits.current;
      trying.send(method, `${to}?dryRun=true`, body(texts, said), (answer) => edits.current === edit && setSeen(answer));
      return;
    }
    sending.send(method, to, body(texts, said), (answer) => {
      dialog.current?.close();
      done?.(answer);
    });
  }
  function forget() {
    sending.forget();
    trying.forget();
    setSeen(null);
  }
  /** What would happen was told of the form as it was. */
  function edited() {
    edits.current++;
    setSeen(null);
  }
  return html`
    <div class="action" ref=${place}>
      <button type="button" class=${danger ? 'danger' : ''} aria-disabled=${refusal ? 'true' : undefined}
        aria-describedby=${refusal ? id : undefined} onClick=${() => refusal || (forget(), setOpen(true))}>${label}</button>
      ${refusal ? html`<span class="refusal" id=${id}>${readable(refusal)}</span>` : null}
    ${open ? html`
      <dialog ref=${dialog} aria-labelledby="${id}-title" onClose=${() => setOpen(false)} onCancel=${(event) => busy && event.preventDefault()}>
        <form onInput=${edited} onSubmit=${(event) => (event.preventDefault(), request(event.target, false))}>
          <h2 id="${id}-title">${label}</h2>
          <p>${question}</p>
          ${fields.filter((field) => !field.more).map(asked)}
          ${more.length ? html`<details open=${opens.current || undefined}><summary>More settings</summary>${more.map(asked)}</details>` : null}
          <${ErrorBox} error=${beside.length ? {problem: {...error.problem, errors: error.problem.errors.filter((one) => !beside.includes(one))}} : error} />
          ${seen ? html`<div class="asked" role="status">${preview(seen)}</div>` : null}
          <div class="buttons">
            <button type="submit" class=${danger ? 'danger' : 'primary'} aria-disabled=${busy ? 'true' : undefined}>${busy ? 'Asking …' : label}</button>
            ${preview ? html`<button type="button" aria-disabled=${busy ? 'true' : undefined}
              onClick=${(event) => event.target.form.reportValidity() && request(event.target.form, true)}>What would happen?</button>` : null}
            <button type="button" aria-disabled=${busy ? 'true' : undefined} onClick=${() => busy || dialog.current.close()}>Go back</button>
          </div>
        </form>
      </dialog>` : null}
    </div>`;
}

/** One field of a form, with what is wrong with it. */
function Asked({of, wrong, id}) {
  if (of.value) {
    return html`<label class="tick"><input type="checkbox" name=${of.name} value=${of.value} required=${of.required} /> <span>${of.label}</span></label>`;
  }
  const common = {name: of.name, required: of.required, 'aria-invalid': wrong.length ? 'true' : undefined, 'aria-describedby': wrong.length ? id : undefined};
  return html`
    <label>${of.label}${of.required || of.options ? '' : ' (optional)'}
      ${of.options ? html`<select ...${common}>${of.options.map(([value, label]) => html`<option value=${value}>${label}</option>`)}</select>`
        : html`<input ...${common} inputmode=${of.number ? 'decimal' : undefined} autocomplete="off" />`}</label>
    ${wrong.length ? html`<p class="wrong" id=${id}>${wrong.map((one) => html`${one.value ? html`<code>${one.value}</code> ` : null}${one.message} `)}</p>` : null}`;
}

/** Why something failed: the likely causes with what mends them, and what was seen. */
export function Causes({diagnosis}) {
  if (!diagnosis) {
    return null;
  }
  return html`
    ${diagnosis.summary === diagnosis.causes?.[0]?.cause ? null : html`<p>${readable(diagnosis.summary)}</p>`}
    ${diagnosis.causes?.length ? html`<ol class="causes">${diagnosis.causes.map((cause) => html`
      <li>
        <p><strong>${readable(cause.cause)}</strong></p>
        ${cause.evidence?.length ? html`<ul>${cause.evidence.map((line) => html`<li>${readable(line)}</li>`)}</ul>` : null}
        ${cause.action ? html`<p>To do: ${readable(cause.action)}</p>` : null}
        ${cause.playbook ? html`<p>Playbook: <${Playbook} of=${cause.playbook} /></p>` : null}
      </li>`)}</ol>` : null}
    ${diagnosis.evidence?.length ? html`<details><summary>What was seen, in order</summary><${Lines} lines=${diagnosis.evidence} /></details>` : null}
    ${diagnosis.unread?.length ? html`<p>Could not be read: ${diagnosis.unread.join(' ')}</p>` : null}`;
}

function Lines({lines}) {
  return html`<ul class="lines">${lines.map((line) => html`<li><${Time} at=${line.at} /> ${line.source}: ${readable(line.text)}</li>`)}</ul>`;
}

export function Playbook({of}) {
  return of.startsWith('https:') ? html`<a href=${of} rel="noreferrer">${of}</a>` : html`<code>${of}</code>`;
}

/** What the page has a button for. */
const CALL = /^(GET|POST|PUT|DELETE) /;

/** The reasons of a state, by level, each with where there is more of it. */
export function Reasons({of}) {
  return html`<ul class="reasons">${of.map((reason) => html`
    <li>${reason.state === 'HEALTHY' ? html`<strong class="quiet">${words(reason.level)}</strong>`
      : html`<${State} of=${reason.state}>${words(reason.level)}<//>`}: ${readable(reason.message)} ${
      reason.more?.startsWith('/v1/') ? html`<a href=${link(reason.more)}>More<span class="hidden"> of ${words(reason.level)}</span></a>`
      : reason.more && !CALL.test(reason.more) ? html`<${Playbook} of=${reason.more} />` : null}</li>`)}</ul>`;
}

/** What was, struck out, and what is. */
export function Change({before, after, missing = 'nothing'}) {
  if (before === after && after) {
    return 'known only then'; // the same but for what it refers to
  }
  const [was, is] = differing(before, after);
  return html`<del>${was ?? 'nothing'}</del> → <ins>${is ?? missing}</ins>`;
}

/** Rows of the ledger. */
export function LedgerRows({items}) {
  return html`<${Table} label="Ledger" columns=${['When', 'Who', 'What', 'Decided']} empty="Nothing was decided yet."
    rows=${items.map((entry) => ({key: entry.id, cells: [
      html`<${Time} at=${entry.at} />`, entry.actor,
      entry.rollout ? html`<a href=${link(entry.rollout)}>${words(entry.type)}</a>` : words(entry.type), entry.message ? waiting(entry.message) : null]}))} />`;
}
