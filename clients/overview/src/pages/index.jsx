import { CONTRIBUTION } from "./contribution.jsx";
import { MEETING } from "./meeting.jsx";
import { NEED } from "./need.jsx";
import { ObjectPage } from "./object.jsx";
import { PROCUREMENT } from "./procurement.jsx";

const pageOf = (config) =>
  function Page({ reference }) {
    return <ObjectPage config={config} reference={reference} />;
  };

export const PAGES = {
  need: pageOf(NEED),
  procurement: pageOf(PROCUREMENT),
  contribution: pageOf(CONTRIBUTION),
  meeting: pageOf(MEETING),
};
