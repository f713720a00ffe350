/** The HTTP API, as the page asks it. Who calls is told by what the page is opened through; the page itself has no credentials. */
import {useCallback, useEffect, useRef, useState} from 'preact/hooks';

const TIMEOUT_SECONDS = 35;
const LONGEST_PAUSE_SECONDS = 60;

/** What the API has refused or could not do, as the problem document of its answer tells it. */
export class ApiError extends Error {
  /**
   * @param {number} status of the answer; 0 when there was none
   * @param {Object} problem the document, see Problem in the API's description
   * @param {number} pause seconds to wait before it is asked again, where the answer names them; else 0
   */
  constructor(status, problem, pause = 0) {
    super(problem.detail);
    this.status = status;
    this.problem = problem;
    this.pause = pause;
  }

  /** Whether the same question may get an answer later, without anybody changing what is asked. */
  get passes() {
    return [0, 401, 408, 429].includes(this.status) || this.status >= 500 || this.problem.code === 'unknown-browser';
  }

  /** Whether what was asked about is not there, or cannot be. */
  get missing() {
    return /-not-found$|^invalid-name$/.test(this.problem.code ?? '');
  }
}

/** @param {Object|string} body a text is sent as it is: YAML, or JSON, which YAML contains */
async function send(method, path, body, headers, signal) {
  const text = typeof body === 'string';
  const limit = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? headers : {'Content-Type': text ? 'application/yaml' : 'application/json', ...headers},
      body: body === undefined || text ? body : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (failure) {
    if (signal?.aborted) {
      throw failure;
    }
    const why = limit.aborted ? `No answer within ${TIMEOUT_SECONDS} seconds.` : 'Slipway does not answer.';
    throw new ApiError(0, {title: 'No answer', detail: why, action: 'Is slipway dashboard, or make run, still running?'});
  }
}

/** The answer's document. Throws ApiError for all but success. */
async function read(response) {
  const text = await response.text();
  let document = null;
  try {
    document = text ? JSON.parse(text) : null;
  } catch {
    // not ours: a proxy's page, say
  }
  if (response.ok && (document || !text)) {
    return document;
  }
  const problem = document?.detail ? document : {
    title: `Answer ${response.status}`,
    // API Gateway refuses in its own words.
    detail: document?.message ?? document?.Message ?? `The answer was ${response.status}, and not a document of Slipway's.`,
    action: response.status === 429 ? 'Too much is asked at once; what is shown here is asked less often until it is answered.' : undefined,
  };
  throw new ApiError(response.status, problem, Number(response.headers.get('Retry-After')) || 0);
}

export async function get(path, signal) {
  return read(await send('GET', path, undefined, {Accept: 'application/json, application/schema+json'}, signal));
}

/**
 * Throws ApiError where it is refused; then nothing has begun.
 *
 * @param {string=} key by which Slipway knows it when it comes again
 */
export async function ask(method, path, body, key) {
  return read(await send(method, path, body, key ? {Accept: 'application/json', 'Idempotency-Key': key} : {Accept: 'application/json'}));
}

/**
 * All items of a listing, page by page; `more` is given what has come so far. A listing of n pages is read again n times as seldom, so
 * that a page of a thousand services does not ask more often than one of ten.
 */
export async function getAll(path, signal, more) {
  const items = [];
  let next = null;
  let pages = 0;
  do {
    pages++;
    const query = next ? `${path.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}` : '';
    const page = await get(path + query, signal);
    items.push(...page.items);
    next = page.next ?? null;
    more?.({items: [...items]});
  } while (next);
  return {items, pages};
}

/**
 * A document that is read again every so many seconds: less often while answers fail, and not while nobody looks. What was read last
 * stays while an answer fails.
 *
 * @param {?string} path null: nothing is read
 * @param {number|function(Object): number} seconds 0: once, or until it is answered; or that of what was read last
 * @param {function} reader get, or getAll for all pages of a listing
 * @return {{value: ?Object, error: ?ApiError, at: ?Date, refresh: function()}}
 */
export function useDocument(path, seconds = 0, reader = get) {
  const [state, setState] = useState({path, value: null, error: null, at: null});
  const refresh = useRef(() => {});
  useEffect(() => {
    if (!path) {
      return undefined;
    }
    const ended = new AbortController();
    let timer = 0;
    let failures = 0;
    let pages = 1;
    let asking = false;
    let again = false;
    let last = null;
    const every = () => (typeof seconds === 'function' ? seconds(last) : seconds);
    setState((before) => (before.path === path ? before : {path, value: null, error: null, at: null}));
    async function look() {
      clearTimeout(timer);
      if (asking || document.hidden) {
        return; // asked again when the page is looked at
      }
      asking = true;
      let failure = null;
      try {
        const value = await reader(path, ended.signal, (part) =>
          setState((before) => (before.value ? before : {path, value: part, error: null, at: null})));
        known = true;
        last = value;
        failures = 0;
        pages = value?.pages ?? 1;
        setState({path, value, error: null, at: new Date()});
      } catch (error) {
        if (ended.signal.aborted) {
          return;
        }
        failures++;
        failure = error instanceof ApiError ? error : new ApiError(0, {title: 'Something failed', detail: String(error)});
        setState((before) => ({...before, path, error: failure}));
      }
      asking = false;
      if (again) {
        again = false;
        look();
        return;
      }
      const pause = failure ? Math.max(failure.pause, Math.min(LONGEST_PAUSE_SECONDS, Math.max(every(), 2) * 2 ** (failures - 1))) : every() * pages;
      if (every() || failure?.passes) {
        timer = setTimeout(look, pause * 1000);
      }
    }
    // What is being read meanwhile may be from before.
    refresh.current = () => (asking ? (again = true) : look());
    let known = false;
    const shown = () => (every() || !known) && look(); // what is read once may be paid for
    document.addEventListener('visibilitychange', shown);
    window.addEventListener('online', shown);
    look();
    return () => {
      ended.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
      window.removeEventListener('online', shown);
    };
  }, [path, seconds, reader]);
  const readAgain = useCallback(() => refresh.current(), []);
  return state.path === path ? {...state, refresh: readAgain} : {value: null, error: null, at: null, refresh: readAgain};
}

/** What IAM has said of a method and a path, and when it was asked: rights and logins change. */
const permissions = new Map();
const PERMISSION_MILLIS = 300_000;

async function askPermission(method, path) {
  // A body that no operation takes: a Slipway that does not know the header refuses it, and does nothing.
  const response = await send(method, path, {permissionCheck: true}, {'Slipway-Permission-Check': 'true'});
  if (response.ok) {
    return null;
  }
  const document = await response.json().catch(() => null);
  if (response.status !== 403 || document?.code) {
    throw new ApiError(response.status, {detail: 'It is not known whether this may be done.'}); // not IAM's word on it
  }
  return document?.message ?? document?.Message ?? 'You may not do this.';
}

/**
 * Why the caller may not do it, in IAM's words; null where IAM does not refuse it, or has not been heard yet. What IAM lets pass, Slipway
 * may still refuse, and says why when it is asked.
 */
export function useRefusal(method, path) {
  const key = `${method} ${path}`;
  const [refusal, setRefusal] = useState(null);
  useEffect(() => {
    let current = true;
    if (path) {
      if (!(Date.now() - permissions.get(key)?.at < PERMISSION_MILLIS)) {
        permissions.set(key, {at: Date.now(), answer: askPermission(method, path).catch(() => {
          permissions.delete(key);
          return null;
        })});
      }
      permissions.get(key).answer.then((why) => current && setRefusal(why));
    }
    return () => {
      current = false;
    };
  }, [key]);
  return refusal;
}
