// Which pages come first in the site's search: questions and guides before references, which hold every word.
var Scorer = {
  score: (result) => {
    const [docname, , , , score] = result;
    if (docname === "faq") return score + 4;
    if (/^(api|changelog|results|agents\/classic\/|environments\/)/.test(docname)) return score - 2;
    return score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 4, 1: 2, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
