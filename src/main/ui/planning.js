/** A plan that is to be made: the spec as a text that starts with the present one, and what is wrong with it beside it. */
import {useRef, useState} from 'preact/hooks';
import {useDocument, useRefusal} from './api.js';
import {useFirstSpec} from './beginning.js';
import {Reference} from './reference.js';
import {ErrorBox, Fields, Loaded, Title, follow, html, readable, useRequest} from './elements.js';
import {Missing} from './missing.js';

/** Texts that are being written, so that a reload or a look at another page loses none of them. By their target's path. */
const drafts = {
  key: (target) => `slipway-draft:${target}`,
  get(target) {
    try {
      return JSON.parse(window.sessionStorage.getItem(this.key(target)));
    } catch {
      return null;
    }
  },
  put(target, draft) {
    try {
      if (draft) {
        window.sessionStorage.setItem(this.key(target), JSON.stringify(draft));
      } else {
        window.sessionStorage.removeItem(this.key(target));
      }
    } catch {
      // a browser that keeps nothing
    }
  },
};

const written = (spec) => `${JSON.stringify(spec, null, 2)}\n`;

/** Lets the next plan of a target start with the spec of this one. */
export function startWith(target, plan) {
  drafts.put(target, {text: written(plan.spec), revision: plan.revision});
}

export function Planning({path}) {
  const target = path.replace(/\/plans$/, '');
  const names = target.split('/').slice(3).filter((_, index) => index % 2 === 0).join('/');
  const [kind, name] = target.split('/').slice(-2);
  const declared = useDocument(target, 30);
  const isNew = declared.error?.missing && declared.error.problem.code !== 'invalid-name';
  const first = useFirstSpec(isNew ? target : null);
  const start = isNew ? first && {text: first, revision: 0} : declared.value?.declared && {text: written(declared.value.declared), revision: declared.value.revision};
  if (declared.error?.missing && !isNew) {
    return html`<${Missing} path=${target} why=${declared.error.problem.detail} />`;
  }
  return html`
    <${Title}>${isNew ? `Plan of ${names}, which is new` : `Plan of a change of ${names}`}<//>
    <p>A plan tells what applying a spec would change, its risks and its cost. It changes nothing itself.</p>
    ${isNew ? null : html`<${Loaded} of=${declared}>${() => null}<//>`}
    ${start ? html`<${Editor} target=${target} path=${path} start=${start} />` : null}
    <${Reference} kind=${kind} />`;
}

function Editor({target, path, start}) {
  const [draft, setDraft] = useState(() => history.state?.planned ?? drafts.get(target) ?? {text: start.text, revision: start.revision});
  const area = useRef(null);
  const refusal = useRefusal('POST', path);
  const {busy, error, send, forget} = useRequest();
  const change = (next, kept) => {
    setDraft(next);
    drafts.put(target, kept);
  };
  const again = () => {
    forget();
    change({text: start.text, revision: start.revision}, null);
    area.current.focus();
  };
  function submit(event) {
    event.preventDefault();
    if (!refusal) {
      send('POST', path, draft.text, (answer) => {
        drafts.put(target, null);
        history.replaceState({planned: draft}, ''); // for who comes back to change it
        follow(answer);
      });
    }
  }
  function go(field) {
    const [from, to] = place(draft.text, field);
    area.current.focus();
    area.current.setSelectionRange(from, to);
    area.current.scrollTop = (draft.text.slice(0, from).split('\n').length - 4) * parseFloat(getComputedStyle(area.current).lineHeight);
  }
  const errors = error?.problem.errors;
  return html`
    ${draft.revision === start.revision ? null : html`<div class="asked" role="note">
      <p>This text began with revision ${draft.revision}; by now it is revision ${start.revision}. The plan would take back what the newer one has changed.</p></div>`}
    <form class="planning" onSubmit=${submit}>
      <div>
        <label for="spec">Spec, as JSON or YAML. What is left out has its default.</label>
        <textarea id="spec" ref=${area} rows="26" spellcheck="false" autocapitalize="off" autocomplete="off" required value=${draft.text}
          aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? 'spec-problem' : undefined}
          onInput=${(event) => change({...draft, text: event.target.value}, {...draft, text: event.target.value})}></textarea>
      </div>
      <div id="spec-problem">${error ? html`
        <${ErrorBox} error=${errors?.length ? {problem: {...error.problem, errors: undefined}} : error} />
        <${Fields} of=${errors} go=${go} />` : null}</div>
      <div class="buttons">
        <div class="action">
          <button type="submit" class="primary" aria-disabled=${refusal || busy ? 'true' : undefined} aria-describedby=${refusal ? 'spec-refusal' : undefined}>${busy ? 'Asking …' : 'Make the plan'}</button>
          ${refusal ? html`<span class="refusal" id="spec-refusal">${readable(refusal)}</span>` : null}
        </div>
        ${draft.text === start.text ? null : html`<button type="button" onClick=${again}>${start.revision ? 'Start again with the present spec' : 'Start again'}</button>`}
      </div>
    </form>`;
}

/** From where to where a text has the key that a JSON pointer leads to, as far as it is there: in JSON as in YAML. */
function place(text, pointer) {
  let [from, to] = [0, 0];
  for (const part of pointer.split('/').slice(1).filter((one) => !/^\d+$/.test(one))) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const found = new RegExp(`(?<![\\w-])["']?${name}["']?\\s*:`, 'g');
    found.lastIndex = to;
    const match = found.exec(text);
    if (!match) {
      break;
    }
    [from, to] = [match.index, match.index + match[0].length];
  }
  return [from, to];
}
