'use strict';
// Pan and zoom change the picture's viewBox; choosing a kernel marks it in every view.
const views = [...document.querySelectorAll('.view')];
const boxes = new Map();

function size(svg) {
  return { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
}

function show(svg, box) {
  boxes.set(svg, box);
  svg.setAttribute('viewBox', `${box.x} ${box.y} ${box.width} ${box.height}`);
}

// The part of the picture that fills the view at a scale of so many pixels to a unit.
function scaled(svg, scale, x, y) {
  const frame = svg.getBoundingClientRect();
  return { x, y, width: frame.width / scale, height: frame.height / scale };
}

// The beginning, large enough to be read.
function start(svg) {
  const frame = svg.getBoundingClientRect();
  const first = svg.querySelector('[data-k="0"] > .box').getBBox();
  const box = scaled(svg, Math.min(1, Math.max(0.75, frame.width / svg.graph.width)), 0, 0);
  const middle = box.width < svg.graph.width ? first.x + first.width / 2 : svg.graph.width / 2;
  show(svg, { ...box, x: middle - box.width / 2, y: Math.max(0, first.y - 60) });
}

function fit(svg, wholly) {
  const graph = svg.graph;
  const frame = svg.getBoundingClientRect();
  const across = frame.width / graph.width;
  const scale = Math.min(wholly ? Math.min(across, frame.height / graph.height) : across, 1);
  const box = scaled(svg, scale, 0, 0);
  box.x = (graph.width - box.width) / 2;
  box.y = wholly ? (graph.height - box.height) / 2 : 0;
  show(svg, box);
}

function zoom(svg, factor, px, py) {
  const box = boxes.get(svg);
  const frame = svg.getBoundingClientRect();
  const fx = (px - frame.left) / frame.width;
  const fy = (py - frame.top) / frame.height;
  show(svg, {
    x: box.x + box.width * fx * (1 - factor),
    y: box.y + box.height * fy * (1 - factor),
    width: box.width * factor,
    height: box.height * factor,
  });
}

function current() {
  return document.querySelector('.view.on > svg');
}

function open(name) {
  views.forEach(v => v.classList.toggle('on', v.id === 'view-' + name));
  document.querySelectorAll('[data-view]').forEach(b => b.classList.toggle('on', b.dataset.view === name));
  const svg = current();
  document.querySelector('.zoom').hidden = !svg;
  if (svg && !boxes.has(svg)) {
    start(svg);
  }
  history.replaceState(null, '', '#' + name);
}

function choose(kernel) {
  document.querySelectorAll('.chosen').forEach(e => e.classList.remove('chosen'));
  document.querySelectorAll('.near').forEach(e => e.classList.remove('near'));
  const details = document.getElementById('details-' + kernel);
  if (!details) {
    return;
  }
  document.querySelectorAll(`.view [data-k="${kernel}"]:not(.operation)`).forEach(e => e.classList.add('chosen'));
  document.querySelectorAll(`.view .line:is([data-from="${kernel}"], [data-to="${kernel}"])`)
      .forEach(e => e.classList.add('near'));
  document.getElementById('details').replaceChildren(details.content.cloneNode(true));
}

document.querySelectorAll('.view > svg').forEach(svg => {
  svg.graph = size(svg);
  svg.removeAttribute('width');
  svg.removeAttribute('height');
  let from = null;
  let moved = false;
  svg.addEventListener('pointerdown', e => {
    from = { x: e.clientX, y: e.clientY };
    moved = false;
  });
  svg.addEventListener('pointermove', e => {
    if (!from || !(e.buttons & 1)) {
      return;
    }
    const box = boxes.get(svg);
    const scale = box.width / svg.getBoundingClientRect().width;
    if (Math.abs(e.clientX - from.x) + Math.abs(e.clientY - from.y) > 3 || moved) {
      moved = true;
      show(svg, { ...box, x: box.x - (e.clientX - from.x) * scale, y: box.y - (e.clientY - from.y) * scale });
      from = { x: e.clientX, y: e.clientY };
    }
  });
  svg.addEventListener('click', e => {
    const at = e.target.closest('[data-k]');
    if (!moved && at) {
      choose(at.dataset.k);
    }
  });
  svg.addEventListener('wheel', e => {
    e.preventDefault();
    zoom(svg, Math.exp(e.deltaY * 0.0015), e.clientX, e.clientY);
  }, { passive: false });
});
document.querySelectorAll('tbody tr').forEach(row => row.addEventListener('click', () => choose(row.dataset.k)));
document.querySelectorAll('[data-view]').forEach(b => b.addEventListener('click', () => open(b.dataset.view)));
document.querySelectorAll('[data-zoom]').forEach(b => b.addEventListener('click', () => {
  const svg = current();
  const frame = svg.getBoundingClientRect();
  const how = b.dataset.zoom;
  if (how === 'all' || how === 'width') {
    fit(svg, how === 'all');
  } else {
    zoom(svg, how === 'in' ? 0.7 : 1 / 0.7, frame.left + frame.width / 2, frame.top + frame.height / 2);
  }
}));
open(['operations', 'table'].includes(location.hash.slice(1)) ? location.hash.slice(1) : 'kernels');
