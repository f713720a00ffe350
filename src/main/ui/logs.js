/** What the containers have written, and what they write. */
import {useEffect, useRef, useState} from 'preact/hooks';
import {get} from './api.js';
import {ErrorBox, Time, html} from './elements.js';

/** So many lines are kept. */
const MOST_LINES = 2000;
const SINCE = ['15m', '1h', '6h', '1d', '3d'];

/** @param {Object} fixed query parameters that the reader does not choose, such as the rollout */
export function Logs({path, fixed = {}}) {
  const [asked, setAsked] = useState({since: '15m', filter: ''});
  const [seen, setSeen] = useState({lines: [], error: null, busy: true});
  const [follow, setFollow] = useState(true);
  const following = useRef(true);
  const wake = useRef(() => {});
  const end = useRef(null);
  following.current = follow;
  const query = new URLSearchParams({...fixed, ...(fixed.rollout ? {} : {since: asked.since}), ...(asked.filter ? {filter: asked.filter} : {}), limit: '200'}).toString();
  useEffect(() => {
    const ended = new AbortController();
    setSeen({lines: [], error: null, busy: true});
    (async () => {
      let cursor = '';
      while (!ended.signal.aborted) {
        let pause = 0;
        try {
          const page = await get(`${path}/logs?${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, ended.signal);
          pause = page.retryAfterSeconds ?? 0;
          cursor = page.cursor;
          setSeen((before) => ({lines: [...before.lines, ...page.lines].slice(-MOST_LINES), error: null, busy: Boolean(cursor) && pause === 0}));
          if (!cursor) {
            return;
          }
        } catch (error) {
          if (ended.signal.aborted) {
            return;
          }
          setSeen((before) => ({...before, error, busy: false}));
          if (!error.passes) {
            return; // it will be the same again
          }
          pause = Math.max(10, error.pause);
        }
        do {
          await new Promise((resolve) => {
            wake.current = resolve;
            setTimeout(resolve, Math.max(pause, 0.05) * 1000);
          });
        } while (!ended.signal.aborted && (document.hidden || (pause > 0 && !following.current)));
      }
    })();
    return () => {
      ended.abort();
      wake.current();
    };
  }, [path, query]);
  useEffect(() => {
    if (follow) {
      end.current?.scrollTo({top: end.current.scrollHeight});
    }
  }, [seen.lines, follow]);
  return html`
    <form class="filters" onSubmit=${(event) => {
      event.preventDefault();
      const said = new FormData(event.target);
      setAsked({since: said.get('since') ?? asked.since, filter: said.get('filter').trim()});
    }}>
      ${fixed.rollout ? null : html`<label>Since <select name="since" value=${asked.since}>${SINCE.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>`}
      <label>Filter <input name="filter" placeholder=${'error -debug, or { $.status >= 500 }'} autocomplete="off" /></label>
      <button type="submit">Show</button>
      <label><input type="checkbox" checked=${follow} onChange=${(event) => setFollow(event.target.checked)} /> Follow</label>
    </form>
    <${ErrorBox} error=${seen.error} />
    <div class="log" ref=${end} tabindex="0" role="log" aria-label="Lines of the log" aria-live="off">
      ${seen.lines.map((line, index) => html`<div key=${`${line.at}${index}`}><span class="quiet"><${Time} at=${line.at} />${line.release ? ` r${line.release}` : ''}</span> ${line.message}</div>`)}
      ${seen.lines.length ? null : html`<p class="none">${seen.busy ? 'Asking …' : 'No lines.'}</p>`}
    </div>`;
}
