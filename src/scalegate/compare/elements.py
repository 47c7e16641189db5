"""stub"""
def elements_of(a,b): return ()
