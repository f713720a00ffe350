/** Parts of a page, one of which is shown. Each has an address, so that it can be sent to somebody. */
import {useRef} from 'preact/hooks';
import {html} from './elements.js';

/**
 * @param tabs [name in the address, label, what makes it]
 * @param selected name; the first where there is none such
 */
export function Tabs({tabs, selected}) {
  const list = useRef(null);
  const chosen = Math.max(0, tabs.findIndex(([name]) => name === selected));
  const [, label, make] = tabs[chosen];
  function choose(index, focus) {
    const [address] = location.hash.split('?');
    history.replaceState(null, '', `${address}?tab=${tabs[index][0]}`);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
    if (focus) {
      list.current.children[index].focus();
    }
  }
  function onKeyDown(event) {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    const target = step ? (chosen + step + tabs.length) % tabs.length : {Home: 0, End: tabs.length - 1}[event.key];
    if (target !== undefined) {
      event.preventDefault();
      choose(target, true);
    }
  }
  return html`
    <div class="tabs" role="tablist" ref=${list} onKeyDown=${onKeyDown}>${tabs.map(([name, text], index) => html`
      <button type="button" role="tab" id="tab-${name}" aria-selected=${index === chosen ? 'true' : 'false'} aria-controls="tab-panel"
        tabindex=${index === chosen ? 0 : -1} onClick=${() => choose(index, false)}>${text}</button>`)}</div>
    <div role="tabpanel" id="tab-panel" aria-label=${label} key=${tabs[chosen][0]}>${make()}</div>`;
}
