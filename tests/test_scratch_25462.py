import pytest, time, collections, asyncio
from hypothesis import given, settings, HealthCheck, seed
from sqlalchemy.ext.asyncio import AsyncSession
from random_data import fill
from random_queries import questions
from asking import ask
from graphql import parse, validate
from reference import Reference, RefusedError
from resolvers.database import Database, create_engine
from schema import schema
async def opened(url):
    db = Database(create_engine(url))
    await fill(db)
    async with AsyncSession(db.engine) as session:
        ref = await session.run_sync(lambda s: Reference(s, schema.as_str()))
    return db, ref
def test_gen(url):
    with asyncio.Runner() as r:
        db, ref = r.run(opened(url))
        c = collections.Counter()
        ts=[0,0,0]
        examples=[]
        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
        @given(questions(ref))
        def f(q):
            for v in q.variables:
                t=time.time()
                try:
                    a = ref.answer(q.query, v); c["ok"]+=1
                except RefusedError as e:
                    c["refused"]+=1; c[e.messages[0][:80]]+=1
                ts[0]+=time.time()-t
            examples.append(q)
        t=time.time()
        f()
        print("all", time.time()-t, ts); 
        for k in c.most_common(40): print(k)
        for q in examples[40:48]: print(q.query); print(q.variables)
        r.run(db.close())
