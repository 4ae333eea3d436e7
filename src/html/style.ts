/**
 * The look of all pages. Inside each page rather than beside it: a page of ours also answers clients whose next
 * request would be refused, and hosts that have no route. Logical properties only. Contrast on the hardest ground,
 * light | dark: ink 14.4 | 13.9, muted 6.1 | 6.4, accent 6.5 | 7.0, on-accent 7.5 | 8.3, edge 3.4 | 4.1.
 */
export const STYLE = `:root{color-scheme:light dark;--paper:#edf1f1;--surface:#fff;--sunk:#f5f8f8;--ink:#12212a;--muted:#4a5b64;--hair:#d2dbdd;--edge:#73848c;--accent:#0b5d66;--on-accent:#fff;--deep:black;--soft:color-mix(in srgb,var(--accent) 9%,var(--surface));--s1:.25rem;--s2:.5rem;--s3:.75rem;--s4:1rem;--s5:1.5rem;--r1:.375rem;--r2:.5rem;--r3:.875rem;--t0:.8125rem;--t1:.9375rem;--t2:1.0625rem;--t4:clamp(1.4375rem,1.25rem + 1vw,1.75rem);--pad:clamp(1.25rem,5vw,2.25rem);--col:35rem;--tap:2.75rem;--sans:system-ui,sans-serif;--mono:ui-monospace,Consolas,monospace}
@media(prefers-color-scheme:dark){:root{--paper:#0e161b;--surface:#162128;--sunk:#111b21;--ink:#e7eef0;--muted:#a5b5bc;--hair:#2b3942;--edge:#71838c;--accent:#7ec5cf;--on-accent:#06242a;--deep:white}}
*,::before,::after{box-sizing:border-box}
body{--gut:max(1.25rem,calc(50% - var(--col)/2));margin:0;min-block-size:100vh;display:flex;flex-direction:column;font:var(--t2)/1.55 var(--sans);color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
h1,h2,p,dl,dd,ul,form{margin:0;padding:0}
ul{list-style:none}
h1,h2{font-weight:650}
h1{font-size:var(--t4);line-height:1.2;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:var(--t2);line-height:1.3}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
code{font-family:var(--mono);font-size:.9em}
.top{position:relative;display:flex;padding:max(1.25rem,min(9vh,6vw)) var(--gut) var(--s5)}
.top::before{content:"";position:absolute;inset-inline-start:0;inset-block-end:calc(var(--s5) + 10px);inline-size:var(--gut);block-size:3px;background:var(--accent)}
.held .top::before{background:repeating-linear-gradient(270deg,var(--accent) 0 9px,transparent 9px 15px)}
.mark{inline-size:44px;block-size:44px;flex:none;fill:none;stroke:currentColor;stroke-width:7}
.brand{display:inline-flex;align-items:center;gap:var(--s3);min-block-size:var(--tap);color:var(--ink);font-weight:650;text-decoration:none}
.mark .rope{stroke:var(--accent);stroke-width:4.4}
.held .mark .out{display:none}
[dir=rtl] svg.mark{transform:scaleX(-1)}
main{flex:1;padding-inline:var(--gut)}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 var(--s5);padding:var(--s5) var(--gut);font-size:var(--t1);color:var(--muted)}
.foot>*{display:inline-flex;align-items:center;min-block-size:var(--tap)}
.foot a{color:inherit}
.card{background:var(--surface);border:1px solid var(--hair);border-radius:var(--r3);overflow:hidden}
.body{display:grid;grid-template-columns:minmax(0,1fr);gap:var(--s4);padding:var(--pad)}
.ref{display:grid;gap:var(--s1) var(--s5);padding:var(--s4) var(--pad);border-block-start:1px solid var(--hair);background:var(--sunk);font-size:var(--t0)}
.ref div{display:grid;grid-template-columns:6rem minmax(0,1fr)}
.ref dt,.facts dt{color:var(--muted)}
.id{user-select:all;-webkit-user-select:all}
.acts{display:flex;flex-wrap:wrap;gap:var(--s3);margin-block-start:var(--s2)}
.button{display:inline-flex;align-items:center;justify-content:center;min-block-size:var(--tap);padding:var(--s2) 1.125rem;border:1px solid transparent;border-radius:var(--r2);font:600 var(--t2)/1.3 var(--sans);background:var(--accent);color:var(--on-accent);text-decoration:none;text-align:center;cursor:pointer}
.button:hover{background:color-mix(in srgb,var(--accent) 86%,var(--deep))}
.rows{display:grid;gap:var(--s3)}
.row{display:flex;align-items:center;gap:var(--s3);min-block-size:4rem;padding-block:var(--s2);padding-inline:var(--s4);border:1px solid var(--edge);border-radius:var(--r2);color:inherit;font-weight:600;text-decoration:none}
.row::after{content:"\\203A";margin-inline-start:auto;font-size:1.5rem;color:var(--accent)}
.row:hover{background:var(--soft);border-color:var(--accent)}
.facts>div{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:var(--s1) var(--s4);padding-block:var(--s3);border-block-start:1px solid var(--hair)}
.facts dt{font-size:var(--t1);line-height:1.75}
.facts>div:last-child{border-block-end:1px solid var(--hair)}
@media(max-width:40rem){.facts>div{grid-template-columns:1fr}.acts>*{flex:1 1 100%;inline-size:100%}}
@media(forced-colors:active){:root{--accent:LinkText}.top::before{forced-color-adjust:none}}`;
