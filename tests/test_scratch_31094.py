import pytest, time, collections, traceback
from proving import Proof
from random_queries import random_question
import os
pytestmark = pytest.mark.anyio
async def test_all(database):
    proof = await Proof.begin(database)
    fails = collections.OrderedDict()
    t=time.time()
    a,b = map(int, os.environ.get("SEEDS","0,200").split(","))
    slow=[]
    for seed in range(a,b):
        q = random_question(proof.reference, seed)
        tt=time.time()
        try:
            await proof.ask(q)
        except Exception as e:
            fails[seed] = (type(e).__name__+" "+str(e), q)
        slow.append((round(time.time()-tt,2), seed))
    print("TIME", time.time()-t, proof.counts, len(fails), "failed", sorted(slow)[-5:])
    for seed, (m, q) in list(fails.items())[:int(os.environ.get("SHOW","12"))]:
        print("=== SEED", seed, m[:int(os.environ.get("CUT", "900"))])
