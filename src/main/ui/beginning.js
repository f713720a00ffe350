/** What is not there yet: how one comes to plan it, and the spec that it starts with. */
import {useEffect, useId, useState} from 'preact/hooks';
import {get, getAll, useRefusal} from './api.js';
import {ErrorBox, html, readable} from './elements.js';
import {link} from './format.js';
import {wrongText} from './missing.js';

/** A name that any kind of target may have, to ask IAM with while none was said. */
const ANY = 'new';
const TYPED_MILLIS = 400;

/**
 * Asks for the name of something new, and leads to its plan. It is disabled, with the reason, where IAM refuses plans of that name to the
 * caller.
 *
 * @param what a service, say
 * @param path of the listing that it will be in
 */
export function New({what, path}) {
  const [name, setName] = useState('');
  const [asked, setAsked] = useState(ANY);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal('POST', `${path}/${asked}/plans`);
  const id = useId();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wrongText(name) ? ANY : name), TYPED_MILLIS);
    return () => clearTimeout(timer);
  }, [name]);
  async function submit(event) {
    event.preventDefault();
    if (refusal || busy) {
      return;
    }
    const wrong = wrongText(name);
    if (wrong) {
      setError({problem: {detail: wrong}});
      return;
    }
    const target = `${path}/${name}`;
    setBusy(true);
    try {
      await get(target);
      setError({problem: {detail: `There is a ${what} ${name} already.`}, there: link(target)});
    } catch (failure) {
      if (failure.missing && failure.problem.code === `${what}-not-found`) {
        location.hash = link(`${target}/plans`);
      } else {
        setError({problem: {...failure.problem, errors: undefined}}); // the detail says it in words
      }
    }
    setBusy(false);
  }
  return html`
    <form class="new" onSubmit=${submit}>
      <label>New ${what} <input value=${name} required autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="its name"
        aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${id}-error` : undefined}
        onInput=${(event) => (setName(event.target.value.trim()), setError(null))} /></label>
      <button type="submit" aria-disabled=${refusal || busy ? 'true' : undefined} aria-describedby=${refusal ? `${id}-refusal` : undefined}>Plan<span class="hidden"> the new ${what}</span> …</button>
      ${refusal ? html`<span class="refusal" id="${id}-refusal">${readable(refusal)}</span>` : null}
      <div id="${id}-error"><${ErrorBox} error=${error} />${error?.there ? html`<a href=${error.there}>Its page</a>` : null}</div>
    </form>`;
}

const SPECS = {
  environments: (name, {cidr}) => `# Its defaults are for what is left out: development is cheap,
# production is protected.
preset: ${name.startsWith('prod') ? 'production' : 'development'}

# Addresses that no other environment has. They cannot change later.
network:
  cidr: ${cidr}
`,
  services: (name, {alone}) => `# The port that the container listens on.
container:
  port: 8080

routing:
${alone ? '' : `  # Requests of these paths are for this service.
  paths: ["/${name}/*"]
`}  # What the load balancer asks each task for, to know that it is healthy.
  healthCheck:
    path: /
`,
  pipelines: (_, {environment}) => `# A push to the branch is built, and goes to each environment when the
# rollout in the one before has succeeded.
repository:
  id: owner/name
  branch: main

deploy:
  - environment: ${environment}
`,
};

/** The first /16 below 10.0.0.0/8 that none of these networks is in. */
function free(cidrs) {
  const taken = new Set(cidrs.map((cidr) => cidr?.split('.').slice(0, 2).join('.')));
  const second = [...Array(256).keys()].find((one) => !taken.has(`10.${one}`)) ?? 0;
  return `10.${second}.0.0/16`;
}

/** What the first spec of a target has to know of what there is. What the caller may not read is taken for not there. */
async function around(target, kind, signal) {
  if (kind === 'services') {
    const environment = await get(target.split('/').slice(0, 4).join('/'), signal);
    return {alone: !environment.services?.length};
  }
  const {items} = await getAll('/v1/environments', signal);
  if (kind === 'pipelines') {
    return {environment: items[0]?.name ?? 'dev'};
  }
  const found = await Promise.all(items.map(({self}) => get(self, signal).catch(() => null)));
  return {cidr: free(found.map((one) => one?.declared?.network?.cidr))};
}

/**
 * A spec that can be planned as it is, with what a beginner should know of it.
 *
 * @param {?string} target that is not there yet; null: none is wanted
 * @return {?string} null until it is known
 */
export function useFirstSpec(target) {
  const [known, setKnown] = useState({target: null, text: null});
  useEffect(() => {
    if (!target) {
      return undefined;
    }
    const [kind, name] = target.split('/').slice(-2);
    const ended = new AbortController();
    const set = (facts) => ended.signal.aborted || setKnown({target, text: SPECS[kind](name, facts)});
    around(target, kind, ended.signal).then(set, () => set({cidr: free([]), alone: false, environment: 'dev'}));
    return () => ended.abort();
  }, [target]);
  return known.target === target ? known.text : null;
}
