"""What runs on the far side: zygotes, the first process of each environment, and the process that runs the function.

    server -- control socket --> zygote              one per interpreter; forks environments
    server -- control socket --> supervisor          first process of one environment; forks and kills runtimes
    server -- channel, frames -> runtime             runs the function: one call at a time
    server <- pipe ------------- runtime             whatever the function prints, logs and dies of

Imports only the standard library and itself, in syntax that Python 3.8 reads: any interpreter of the machine may run
it. It is loaded under a name of its own (`launch.py`), so that no module of a function can be mistaken for one of it.
Whoever loses its control socket ends: nothing here outlives the server.
"""
